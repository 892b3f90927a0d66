# What the *-up scripts and `stop` share. Sourced, not run.
#
# A started server is remembered in FOLDER/pid as "PID START-TIME SIGNAL": the start time (field 22 of
# /proc/PID/stat) makes sure that `stop` never ends a stranger who was given the same number later.

say() { echo "$(basename "$0"): $*"; }
fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

# start_time PID — prints nothing when there is no such process.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# is_running FOLDER
is_running() {
  local pid start
  [ -s "$1/pid" ] || return 1
  read -r pid start _ < "$1/pid"
  [ -n "$start" ] && [ "$(start_time "$pid")" = "$start" ]
}

# remember FOLDER PID SIGNAL — SIGNAL is what ends the server in order.
remember() { echo "$2 $(start_time "$2") $3" > "$1/pid"; }

# answers PORT
answers() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for PORT — at most 15 s.
wait_for() {
  for _ in $(seq 300); do
    answers "$1" && return 0
    sleep 0.05
  done
  return 1
}

# need_port PORT — a number that nobody listens on.
need_port() {
  case "$1" in '' | *[!0-9]*) fail "the port must be a number, not '$1'" ;; esac
  ! answers "$1" || fail "somebody already listens on port $1"
}
