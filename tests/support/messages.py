"""Every error and warning that the program can print, out of its sources: messages.py SOURCE-DIR
A line for each, "FILE<tab>TEXT", what is filled in as "…". Found are the texts handed to the functions
that errors and warnings go through; a text that is handed on in a variable was handed to one of them before."""
import pathlib
import re
import sys

CALLS = re.compile(
    r"\b(\w*complain|error_set|\w+_error|\w+_warning|\w+_fault|run_tell|job_end|fprintf|fputs)\(")
# What speaks to people only while something is tried out, by name.
LEFT_OUT = re.compile(r"/(sim|probe)/|/store/(memory|sqlite_crash)")
CONVERSION = re.compile(r"%[-+ #0]*(\*|\d+)?(\.(\*|\d+))?(ll|l|h|z|j)?[diouxXeEfgGcspm]")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
RUN = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s*(?:[A-Z][A-Z0-9_a-z]*\s*)?"(?:[^"\\]|\\.)*")*')


def without_comments(text):
    return re.sub(r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')|/\*.*?\*/', lambda m: m.group(1) or " ", text, flags=re.S)


def arguments(text, at):
    """From just behind the opening parenthesis to the closing one."""
    begin, depth = at, 1
    while depth:
        string = STRING.match(text, at)
        if string:
            at = string.end()
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
    return text[begin : at - 1]


def plain(text):
    text = text.replace('\\"', '"').replace("\\n", " ").replace("\\r", "").replace("\\\\", "\\")
    text = CONVERSION.sub("…", text).replace("%%", "%")
    return re.sub(r"^nightshift: (warning: )?", "", text).strip()


def messages(path):
    text = without_comments(path.read_text(encoding="utf-8"))
    for call in CALLS.finditer(text):
        words = arguments(text, call.end())
        if call.group(1) in ("fprintf", "fputs") and "stderr" not in words:
            continue
        for run in RUN.finditer(words):
            said = plain("".join("…" if not part.startswith('"') else part[1:-1]
                                 for part in re.findall(r'"(?:[^"\\]|\\.)*"|[A-Z][A-Z0-9_a-z]*', run.group(0))))
            if len(re.findall(r"[a-z]{2,}", said)) >= 2:
                yield said


for source in sorted(pathlib.Path(sys.argv[1]).glob("src/*/*.c")):
    if not LEFT_OUT.search(str(source)):
        for said in dict.fromkeys(messages(source)):
            print(f"{source.relative_to(sys.argv[1])}\t{said}")
