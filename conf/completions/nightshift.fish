# Completion for fish: install it in a vendor_completions.d folder.
function __nightshift_complete
    set -l words (commandline -opc) (commandline -ct)
    for candidate in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$candidate" = :file
            __fish_complete_path (commandline -ct)
        else
            echo $candidate
        end
    end
end
complete -c nightshift -f -a '(__nightshift_complete)'
