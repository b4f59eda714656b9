#!/bin/sh
# Scores the X Education leads and counts, for hot, warm and cold leads, how many bought.  The data is not part of the project:
# say where it is with X_EDUCATION=FILE, or put it into the folder shared/data/x_education beside the project.
cd "$(dirname "$0")" || exit 1
data=${X_EDUCATION:-${RUBRIC_SHARED:-../../../shared}/data/x_education/public.csv}
if [ ! -f "$data" ]; then
    echo "SKIPPED: the X Education leads are not here ($data). Set X_EDUCATION to the file." >&2
    exit 0
fi
rubric score x-education.rubric "$data" --as-of 2026-11-22 --format csv --quiet |
    awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { print $column["total"], $column["temperature"], ($column["stage"] == "Customer") }' |
    sort -n |
    awk '
        { leads[$2]++; bought[$2] += $3; all++; won += $3
          # the area under the curve: ranks, with the mean rank for equal scores
          if ($1 != before) { rank_sum += tied_won * (first + all - 1) / 2; first = all; tied_won = 0; before = $1 }
          tied_won += $3 }
        END {
            rank_sum += tied_won * (first + all) / 2
            printf "%-6s %7s %7s %9s\n", "band", "leads", "bought", "of them"
            n = split("hot warm cold", bands, " ")
            for (i = 1; i <= n; i++) {
                b = bands[i]
                printf "%-6s %7d %7d %8.1f%%\n", b, leads[b], bought[b], leads[b] ? 100 * bought[b] / leads[b] : 0
            }
            printf "%-6s %7d %7d %8.1f%%\n", "all", all, won, 100 * won / all
            printf "AUC %.3f\n", (rank_sum - won * (won + 1) / 2) / (won * (all - won))
        }'
