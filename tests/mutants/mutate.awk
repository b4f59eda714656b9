# Lists the mutants of C files: FILE <tab> LINE <tab> WHAT <tab> the line as it becomes.  One change a mutant: a comparison turned or moved by
# its edge, `and` for `or`, plus for minus, a bit operation for another, one too many or too few, a branch never taken.
function mutant(what, line) { if (line != $0) printf "%s\t%d\t%s\t%s\n", FILENAME, FNR, what, line }
function each(from, to, what,    at, start, rest) {     # every place where `from` stands, one mutant each
    start = 1
    while ((at = index(substr($0, start), from)) > 0) {
        at += start - 1
        mutant(what, substr($0, 1, at - 1) to substr($0, at + length(from)))
        start = at + length(from)
    }
}
FNR == 1 { inside = 0; comment = 0 }
/^{/ { inside = 1 }
/^}/ { inside = 0 }
{ code = $0; sub(/\/\*.*\*\//, "", code) }
/\/\*/ && !/\*\// { comment = 1 }
comment { if (/\*\//) comment = 0; next }
!inside || /^[ \t]*#/ || /^[ \t]*\/\// || /^[ \t]*(static )?const / || code ~ /^[ \t]*$/ { next }
/\\$/ { next }
{
    each(" < ", " <= ", "< becomes <="); each(" <= ", " < ", "<= becomes <"); each(" > ", " >= ", "> becomes >="); each(" >= ", " > ", ">= becomes >")
    each(" == ", " != ", "== becomes !="); each(" != ", " == ", "!= becomes ==")
    each(" && ", " || ", "&& becomes ||"); each(" || ", " && ", "|| becomes &&")
    each(" + ", " - ", "+ becomes -"); each(" - ", " + ", "- becomes +"); each(" + 1", "", "+ 1 left out"); each(" - 1", "", "- 1 left out")
    each(" & ~", " & ", "& ~ becomes &"); each(" & ", " | ", "& becomes |"); each(" | ", " & ", "| becomes &"); each(" += ", " -= ", "+= becomes -="); each(" |= ", " &= ", "|= becomes &=")
    if (match($0, /if \(/)) {
        depth = 0
        for (i = RSTART + 3; i <= length($0); i++) {
            c = substr($0, i, 1)
            if (c == "(") depth++
            if (c == ")" && --depth == 0) { mutant("branch never taken", substr($0, 1, RSTART + 2) "(0 && " substr($0, RSTART + 3, i - RSTART - 2) ")" substr($0, i + 1)); break }
        }
    }
    if ($0 ~ /^[ \t]*continue;/) mutant("continue left out", ";")
}
