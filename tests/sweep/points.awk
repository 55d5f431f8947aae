# From a table of calls to cases: BATCH fail WHAT WHERETO WHEREFROM N ERROR TIMES.
# -v batch=NAME -v full=0|1 -v memory=0|1; memory: the allocations, else all other calls. Not full: one
# case a place, with error, moment and duration taken in turn.
#
# Left out: what libuv does for itself (it aborts by its own decision), and reading its wake-ups.
BEGIN {
  errors["open"] = "EMFILE EIO ENOMEM EINTR"; errors["fopen"] = "EMFILE EIO"
  errors["read"] = errors["pread"] = "EIO EINTR"
  errors["write"] = errors["pwrite"] = errors["ftruncate"] = "ENOSPC EIO EDQUOT EINTR"
  errors["fsync"] = "EIO ENOSPC EDQUOT"
  errors["rename"] = errors["link"] = errors["unlink"] = errors["mkdir"] = "EIO ENOSPC EDQUOT"
  errors["close"] = "EIO EINTR"
  errors["socket"] = errors["socketpair"] = errors["timerfd"] = "EMFILE ENOMEM"
  errors["epoll"] = errors["eventfd"] = "EMFILE ENOMEM"
  errors["connect"] = "ENETUNREACH EINTR ENOBUFS"
  errors["send"] = errors["sendmsg"] = "EPIPE EINTR ENOBUFS"
  errors["recv"] = "ECONNRESET EINTR EIO"
  errors["stat"] = errors["fstat"] = "EIO ENOMEM"
  errors["flock"] = "EINTR ENOLCK"; errors["setlk"] = "ENOLCK EIO EINTR"
  errors["spawn"] = "EAGAIN ENOMEM"; errors["thread"] = "EAGAIN"
  errors["alloc"] = "ENOMEM"
}

function say(number, error, times) {
  print batch, "fail", $2, $3, $4, number, error, times
}

# A place that fails now, in the middle, at the end; once and from then on.
function say_all(    list, count, i) {
  count = split(errors[$2], list, " ")
  for (i = 1; i <= count; i++) {
    say_moment(1, list[i])
    if ($1 > 2) say_moment(int(($1 + 1) / 2), list[i])
    if ($1 > 1) say_moment($1 > 4 ? $1 - 1 : $1, list[i])
  }
}
function say_moment(number, error) {
  say(number, error, 1)
  if (error != "EINTR") say(number, error, "on") # a signal that never ends is none
}

function say_one(    list, count) {
  count = split(errors[$2], list, " ")
  say(place % 3 == 0 ? int(($1 + 1) / 2) : 1, list[1 + place % count], 1)
}

$1 == "=" || $2 == "received" { next }
($2 == "alloc") != memory { next }
$3 == "loop" && $2 != "close" { next }
$4 ~ /^libuv/ && $2 != "epoll" && $2 != "eventfd" { next }
!($2 in errors) { print "points: no errors are known for " $2 > "/dev/stderr"; exit 1 }
{ place++; if (full) say_all(); else say_one() }
