/* The grammar of Rubric.  LALR(1) without conflicts, given the precedences below; line breaks have no meaning.
   Expressions are one grammar in layers (expr, and_expr, not_expr, predicate, sum, product, unary, primary); types are
   checked later.  Actions only build the tree, through grammar/build.h. */
%code requires {
#include "grammar/lexer.h"
}

%code {
#include <stdlib.h>

#include "grammar/build.h"

static void rubric_error(const struct span *span, struct parse_context *context, const char *message);

/* Memory as everywhere: vm/memory.h, which never gives NULL. */
#define YYMALLOC memory_alloc
#define YYFREE free
#define YYLLOC_DEFAULT(Current, Rhs, N) ((Current) = span_join((Rhs), (N)))
}

%define api.pure full
%define api.prefix {rubric_}
%define api.token.prefix {TOKEN_}
%define api.value.type {union token_value}
%define api.location.type {struct span}
%define lr.type lalr
%define parse.error custom
%define parse.lac full
%param {struct parse_context *context}
%expect 0

%token YYEOF 0 "the end of the file"
%token <name> NAME "a name"
%token <literal> TEXT "a text in quotes"
%token <number> NUMBER "a number"
%token <number> PERCENT "a percent"
%token <date> DATE "a date"
%token <unit> UNIT "a unit of time"
%token <unit> UNITS_SINCE "`days since`"
%token LE "`<=`" GE "`>=`" NE "`!=`"
%token SYNC "a declaration"
%token RUBRIC USE LEAD EVENT SETTING LIST DEFINE SCORE GROUP RULE DISQUALIFY BAND MATRIX STAGE OUTCOME TEST
%token ON_ENTERING ON_LEAVING
%token WHEN POINTS BECAUSE WEIGHT GIVEN EXPECT FROM TO BELOW OF AS BY IN CHOOSE OTHERWISE
%token STARTS_AT ROUNDED_TO AT_MOST AT_LEAST TAKE_HIGHEST TAKE_LOWEST TAKE_FIRST ACTIVE_FROM ACTIVE_UNTIL FOR_EACH
%token FOR_EVERY EQUAL_TO
%token STAY_WHILE STAY_FOREVER ONLY_FROM ONE_OF MISSING_WHEN CURRENT_STAGE AS_OF
%token AND OR NOT IS YES NO MISSING KNOWN EXACTLY BETWEEN CONTAINS MATCHES WHERE WITHIN SINCE BEFORE AFTER FIRST LAST
%token ACTIVITY NOW AT DISQUALIFIED
%token HAS_WORD STARTS_WITH ENDS_WITH ANY_OF ALL_OF MORE_THAN FEWER_THAN COUNT_OF SUM_OF MIN_OF MAX_OF
%token AVERAGE_OF LENGTH_OF DOMAIN_OF
%token STAGE_IS
%token <name> VERSION OWNER KEY TYPE_TEXT TYPE_NUMBER TYPE_DATE COLUMN LOSE EVERY WITHOUT EXCLUSIVE ONCE A TIMES
%token <name> FADING UNTIL
%token <name> ASSIGN NOTIFY TAG AGO GIVES FIRES SILENT UNDECIDED DISTINCT OVER THE
%token ACTION_ASSIGN ACTION_NOTIFY ACTION_TAG

/* A bare `where` takes all it can: a comparison after it belongs to it, and so does a window. */
%precedence WHERE_END
%precedence WITHIN SINCE BEFORE
%precedence IS '=' NE '<' LE '>' GE BETWEEN IN NOT CONTAINS HAS_WORD STARTS_WITH ENDS_WITH MATCHES
%precedence '+' '-'
%precedence '*' '/'

%type <name> name plain_name declared
%type <literal> title
%type <bound> signed bound percent
%type <constant> constant
%type <duration> duration period
%type <literals> texts from_names row_texts cells
%type <names> names labels
%type <tree> expr and_expr not_expr predicate compare where_pred sum product unary primary event event_set
%type <tree> point_set item value
%type <window> window
%type <list> list texts_of
%type <items> items args
%type <comparison> cmp
%type <textop> textop
%type <quantity> quantity
%type <aggregate> aggregate
%type <take> take
%type <points> points each points_cap
%type <rows> value_rows cond_rows
%type <row> value_row row_value cond_row
%type <givens> given_fields
%type <given> given_field
%type <clause> given given_time expect
%type <action> act_when
%type <name> path soft

%%

file: declarations;

declarations: %empty
    | declarations declaration          { declaration_close(context, @2); }
    | declarations error SYNC           { yyerrok; context->declaration = NULL; }
    ;

declaration: rubric | use | lead | event_type | setting | list_of_texts | define | score | group | rule | disqualify
    | band | matrix
    | stage | on | outcome | test
    ;

/* ---- names ------------------------------------------------------------------------------------------------------- */

soft: VERSION | OWNER | COLUMN | EVERY | WITHOUT | EXCLUSIVE | ONCE | A | TIMES | FADING | UNTIL | AGO | GIVES
    | FIRES | SILENT
    | UNDECIDED | OVER
    ;
plain_name: NAME | soft;
name: plain_name | TYPE_TEXT | TYPE_NUMBER | TYPE_DATE | UNIT { $$ = $1.word; };
declared: plain_name | UNIT { $$ = $1.word; };
names: name                             { $$ = name_append(context, (struct name_chain){ 0 }, $1); }
    | names ',' name                    { $$ = name_append(context, $1, $3); }
    ;
title: %empty                           { $$ = (struct literal){ 0 }; }
    | TEXT
    ;
texts: TEXT                             { $$ = literal_append(context, (struct literal_chain){ 0 }, $1); }
    | texts ',' TEXT                    { $$ = literal_append(context, $1, $3); }
    ;

/* ---- rubric, use, lead, event ------------------------------------------------------------------------------------ */

rubric: rubric_head rubric_clauses;
rubric_head: RUBRIC TEXT                { declaration_open(context, DECLARATION_RUBRIC, @$)->title = $2; };
rubric_clauses: %empty | rubric_clauses rubric_clause;
rubric_clause: VERSION TEXT             {
                                            if (clause_once(context, CLAUSE_VERSION, @$))
                                                context->declaration->version = $2;
                                        }
    | OWNER TEXT                        {
                                            if (clause_once(context, CLAUSE_OWNER, @$))
                                                context->declaration->owner = $2;
                                        }
    | because
    ;
because: BECAUSE TEXT                   {
                                            if (clause_once(context, CLAUSE_BECAUSE, @$))
                                                context->declaration->because = $2;
                                        };

use: USE path                           {
                                            struct declaration *d = declaration_open(context, DECLARATION_USE, @$);
                                            d->name = $2;
                                            d->module = $2.text;
                                        }
    | USE TEXT                          { declaration_open(context, DECLARATION_USE, @$)->path = $2; }
    ;
path: plain_name
    | path '.' name                     { $$ = (struct name){ module_append(context, $1.text, $3), @$ }; }
    ;

lead: lead_head fields;
lead_head: LEAD                         { declaration_open(context, DECLARATION_LEAD, @$); }
    | LEAD MISSING_WHEN texts           { declaration_open(context, DECLARATION_LEAD, @$)->missing = $3.first; }
    ;
event_type: event_head fields;
event_head: EVENT declared              { declaration_open(context, DECLARATION_EVENT, @$)->name = $2; }
    | EVENT declared ',' NOT ACTIVITY   {
                                            struct declaration *d = declaration_open(context, DECLARATION_EVENT, @$);
                                            d->name = $2;
                                            d->not_activity = true;
                                        }
    ;
fields: %empty | fields field           { context->field->span = @2; };
field: field_head
    | field KEY                         { if (clause_once(context, CLAUSE_FIELD_KEY, @2)) context->field->key = true; }
    | field FROM from_names             {
                                            struct span clause = { @2.file, @2.start, @3.end };
                                            if (clause_once(context, CLAUSE_FIELD_FROM, clause))
                                                context->field->from = $3.first;
                                        }
    | field MISSING_WHEN texts          {
                                            struct span clause = { @2.file, @2.start, @3.end };
                                            if (clause_once(context, CLAUSE_FIELD_MISSING, clause))
                                                context->field->missing = $3.first;
                                        }
    | field CURRENT_STAGE               {
                                            if (clause_once(context, CLAUSE_FIELD_STAGE, @2))
                                                context->field->current_stage = true;
                                        }
    ;
field_head: field_name type             { context->field->type_span = @2; };
field_name: name                        { field_open(context, $1, @$); };
type: TYPE_TEXT                         { context->field->type = FIELD_TEXT; }
    | TYPE_NUMBER                       { context->field->type = FIELD_NUMBER; }
    | YES '/' NO                        { context->field->type = FIELD_YESNO; }
    | TYPE_DATE                         { context->field->type = FIELD_DATE; }
    | LIST                              { context->field->type = FIELD_LIST; }
    | ONE_OF texts                      {
                                            context->field->type = FIELD_ONEOF;
                                            context->field->options = $2.first;
                                        }
    ;
from_names: TEXT                        { $$ = literal_append(context, (struct literal_chain){ 0 }, $1); }
    | from_names OR TEXT                { $$ = literal_append(context, $1, $3); }
    ;

/* ---- settings, lists, defines ------------------------------------------------------------------------------------ */

setting: SETTING declared constant      {
                                            struct declaration *d = declaration_open(context, DECLARATION_SETTING, @$);
                                            d->name = $2;
                                            d->constant = $3;
                                        }
    ;
constant: signed                        {
                                            $$ = (struct constant){ .kind = CONSTANT_NUMBER, .units = $1.units,
                                                                   .span = @$ };
                                            if ($1.sign == SIGN_MINUS) $$.units = -$1.units;
                                        }
    | TEXT                              { $$ = (struct constant){ .kind = CONSTANT_TEXT, .literal = $1, .span = @$ }; }
    | PERCENT                           { $$ = (struct constant){ .kind = CONSTANT_PERCENT, .units = $1, .span = @$ }; }
    | NUMBER UNIT                       {
                                            $$ = (struct constant){ .kind = CONSTANT_DURATION, .span = @$ };
                                            $$.duration = duration_of(context, $1, $2, @1, @$);
                                        }
    ;
list_of_texts: LIST declared texts      {
                                            struct declaration *d = declaration_open(context, DECLARATION_LIST, @$);
                                            d->name = $2;
                                            d->texts = $3.first;
                                        }
    | LIST declared FROM TEXT           {
                                            struct declaration *d = declaration_open(context, DECLARATION_LIST, @$);
                                            d->name = $2;
                                            d->list_file = $4;
                                        }
    | LIST declared FROM TEXT COLUMN TEXT {
                                            struct declaration *d = declaration_open(context, DECLARATION_LIST, @$);
                                            d->name = $2;
                                            d->list_file = $4;
                                            d->list_column = $6;
                                        }
    ;
define: define_head AS expr             { context->declaration->expression = $3; };
define_head: DEFINE declared            { declaration_open(context, DECLARATION_DEFINE, @$)->name = $2; }
    | DEFINE declared '(' names ')'     {
                                            struct declaration *d = declaration_open(context, DECLARATION_DEFINE, @$);
                                            d->name = $2;
                                            d->parameters = $4.first;
                                            d->is_function = true;
                                        }
    ;

/* ---- scores, groups, rules --------------------------------------------------------------------------------------- */

score: score_head score_clauses
    | score_head AS expr                { context->declaration->expression = $3; } combined_clauses
    ;
score_head: SCORE declared              { declaration_open(context, DECLARATION_SCORE, @$)->name = $2; };
combined_clauses: %empty | combined_clauses range_end | combined_clauses score_step;
range_end: FROM bound                   { if (clause_once(context, CLAUSE_FROM, @$)) context->declaration->from = $2; }
    | TO bound                          { if (clause_once(context, CLAUSE_TO, @$)) context->declaration->to = $2; }
    ;
score_clauses: %empty | score_clauses score_clause;
score_clause: range_end
    | STARTS_AT bound                   {
                                            if (clause_once(context, CLAUSE_STARTS_AT, @$))
                                                context->declaration->starts_at = $2;
                                        }
    | score_step
    ;
score_step: ROUNDED_TO bound            {
                                            if (clause_once(context, CLAUSE_ROUNDED_TO, @$))
                                                context->declaration->rounded_to = $2;
                                        }
    | LOSE percent EVERY period WITHOUT event_set       { score_lose(context, false, $2, $4, $6, @$); }
    | LOSE bound POINTS EVERY period WITHOUT event_set  { score_lose(context, true, $2, $5, $7, @$); }
    ;

group: group_head group_clauses;
group_head: GROUP declared IN name      {
                                            struct declaration *d = declaration_open(context, DECLARATION_GROUP, @$);
                                            d->name = $2;
                                            d->parent = $4;
                                        }
    ;
group_clauses: %empty | group_clauses group_clause;
group_clause: AT_MOST bound opt_points  {
                                            if (clause_once(context, CLAUSE_AT_MOST, @$))
                                                context->declaration->at_most = $2;
                                        }
    | AT_LEAST bound opt_points         {
                                            if (clause_once(context, CLAUSE_AT_LEAST, @$))
                                                context->declaration->at_least = $2;
                                        }
    | weight
    | take                              {
                                            if (clause_once(context, CLAUSE_TAKE, @$)) {
                                                context->declaration->take = $1;
                                                context->declaration->take_span = @$;
                                            }
                                        }
    ;
opt_points: %empty | POINTS;
take: TAKE_HIGHEST { $$ = TAKE_HIGHEST; } | TAKE_LOWEST { $$ = TAKE_LOWEST; } | TAKE_FIRST { $$ = TAKE_FIRST; }
    | EXCLUSIVE { $$ = TAKE_EXCLUSIVE; }
    ;
weight: WEIGHT percent                  {
                                            if (clause_once(context, CLAUSE_WEIGHT, @$))
                                                context->declaration->weight = $2;
                                        };

rule: rule_head rule_clauses;
rule_head: RULE declared title IN name  {
                                            struct declaration *d = declaration_open(context, DECLARATION_RULE, @$);
                                            d->name = $2;
                                            d->title = $3;
                                            d->parent = $5;
                                        }
    ;
rule_clauses: %empty | rule_clauses rule_clause;
rule_clause: when
    | POINTS points                     {
                                            if (clause_once(context, CLAUSE_POINTS, @$))
                                                context->declaration->points = *$2;
                                        }
    | weight
    | because
    | ACTIVE_FROM DATE                  { rule_active(context, &$2, NULL, @$); }
    | ACTIVE_UNTIL DATE                 { rule_active(context, NULL, &$2, @$); }
    | ACTIVE_FROM DATE UNTIL DATE       { rule_active(context, &$2, &$4, @$); }
    ;
when: WHEN expr                         {
                                            if (clause_once(context, CLAUSE_WHEN, @$))
                                                context->declaration->when = tree_condition(context, $2);
                                        }
    ;
points: bound                           {
                                            $$ = points_new(context, POINTS_FIXED, @$);
                                            $$->points = $1;
                                        }
    | each                              { $1->span = @$; }
    | bound FOR_EVERY bound OF sum points_cap {
                                            $$ = $6;
                                            $$->kind = POINTS_EVERY;
                                            $$->points = $1;
                                            $$->every = $3;
                                            $$->value = $5;
                                            $$->span = @$;
                                        }
    | EQUAL_TO sum points_cap           {
                                            $$ = $3;
                                            $$->kind = POINTS_EQUAL;
                                            $$->value = $2;
                                            $$->span = @$;
                                        }
    | BY expr value_rows                {
                                            $$ = points_new(context, POINTS_BY, @$);
                                            $$->value = $2;
                                            $$->rows = $3.first;
                                        }
    | CHOOSE cond_rows                  {
                                            $$ = points_new(context, POINTS_CHOOSE, @$);
                                            $$->rows = $2.first;
                                        }
    ;
each: bound FOR_EACH event_set          {
                                            $$ = points_new(context, POINTS_EACH, @$);
                                            $$->points = $1;
                                            $$->value = $3;
                                        }
    | each ',' ONCE A UNIT              { points_once(context, $1, $5, @5); }
    | each ',' AT_MOST bound TIMES      { points_most(context, &$1->most_times, $4, @3, @5); }
    | each ',' AT_MOST bound POINTS     { points_most(context, &$1->most_points, $4, @3, @5); }
    | each ',' FADING percent EVERY period { points_fading(context, $1, false, $4, $6, @3); }
    | each ',' FADING bound POINTS EVERY period { points_fading(context, $1, true, $4, $7, @3); }
    ;
points_cap: %empty                      { $$ = points_new(context, POINTS_ABSENT, @$); }
    | ',' AT_MOST bound POINTS          {
                                            $$ = points_new(context, POINTS_ABSENT, @$);
                                            $$->most_points = $3;
                                        }
    ;
value_rows: value_row                   { $$ = row_append((struct row_chain){ 0 }, $1); }
    | value_rows value_row              { $$ = row_append($1, $2); }
    ;
value_row: row_value ':' bound          {
                                            $$ = $1;
                                            $$->points = $3;
                                            $$->span = @$;
                                        }
    ;
row_value: FROM bound                   {
                                            $$ = row_new(context, ROW_RANGE, @$);
                                            $$->from = $2;
                                        }
    | FROM bound BELOW bound            {
                                            $$ = row_new(context, ROW_RANGE, @$);
                                            $$->from = $2;
                                            $$->below = $4;
                                        }
    | BELOW bound                       {
                                            $$ = row_new(context, ROW_RANGE, @$);
                                            $$->below = $2;
                                        }
    | row_texts                         {
                                            $$ = row_new(context, ROW_TEXTS, @$);
                                            $$->texts = $1.first;
                                        }
    | YES                               { $$ = row_new(context, ROW_YES, @$); }
    | NO                                { $$ = row_new(context, ROW_NO, @$); }
    | MISSING                           { $$ = row_new(context, ROW_MISSING, @$); }
    | OTHERWISE                         { $$ = row_new(context, ROW_OTHERWISE, @$); }
    ;
row_texts: TEXT                         { $$ = literal_append(context, (struct literal_chain){ 0 }, $1); }
    | row_texts OR TEXT                 { $$ = literal_append(context, $1, $3); }
    ;
cond_rows: cond_row                     { $$ = row_append((struct row_chain){ 0 }, $1); }
    | cond_rows cond_row                { $$ = row_append($1, $2); }
    ;
cond_row: expr ':' bound                {
                                            $$ = row_new(context, ROW_CONDITION, @$);
                                            $$->condition = tree_condition(context, $1);
                                            $$->points = $3;
                                        }
    | OTHERWISE ':' bound               {
                                            $$ = row_new(context, ROW_OTHERWISE, @$);
                                            $$->points = $3;
                                        }
    ;

/* ---- disqualify, band, matrix, stage, actions, outcome ----------------------------------------------------------- */

disqualify: disqualify_head disqualify_clauses;
disqualify_head: DISQUALIFY declared title {
                                            struct declaration *d =
                                                declaration_open(context, DECLARATION_DISQUALIFY, @$);
                                            d->name = $2;
                                            d->title = $3;
                                        }
    ;
disqualify_clauses: %empty | disqualify_clauses when | disqualify_clauses because;

band: band_head band_rows;
band_head: BAND declared OF name        {
                                            struct declaration *d = declaration_open(context, DECLARATION_BAND, @$);
                                            d->name = $2;
                                            d->parent = $4;
                                        }
    ;
band_rows: band_row | band_rows band_row;
band_row: name FROM bound               { add_band_row(context, $1, $3, (struct bound){ 0 }, @$); }
    | name FROM bound BELOW bound       { add_band_row(context, $1, $3, $5, @$); }
    | name BELOW bound                  { add_band_row(context, $1, (struct bound){ 0 }, $3, @$); }
    ;

matrix: matrix_head labels matrix_rows  { context->declaration->labels = $2.first; };
matrix_head: MATRIX declared OF name BY name {
                                            struct declaration *d = declaration_open(context, DECLARATION_MATRIX, @$);
                                            d->name = $2;
                                            d->parent = $4;
                                            d->parent_by = $6;
                                        }
    ;
labels: name                            { $$ = name_append(context, (struct name_chain){ 0 }, $1); }
    | labels name                       { $$ = name_append(context, $1, $2); }
    ;
matrix_rows: matrix_row | matrix_rows matrix_row;
matrix_row: name cells                  { add_matrix_row(context, $1, $2, @$); };
cells: TEXT                             { $$ = literal_append(context, (struct literal_chain){ 0 }, $1); }
    | cells TEXT                        { $$ = literal_append(context, $1, $2); }
    ;

stage: stage_head stage_clauses;
stage_head: STAGE declared title        {
                                            struct declaration *d = declaration_open(context, DECLARATION_STAGE, @$);
                                            d->name = $2;
                                            d->title = $3;
                                        }
    ;
stage_clauses: %empty | stage_clauses stage_clause;
stage_clause: when
    | STAY_WHILE expr                   {
                                            if (clause_once(context, CLAUSE_STAY, @$))
                                                context->declaration->stay_while = tree_condition(context, $2);
                                        }
    | STAY_FOREVER                      {
                                            if (clause_once(context, CLAUSE_STAY, @$))
                                                context->declaration->stay_forever = true;
                                        }
    | ONLY_FROM names                   {
                                            if (clause_once(context, CLAUSE_ONLY_FROM, @$))
                                                context->declaration->only_from = $2.first;
                                        }
    ;

on: on_head actions;
on_head: ON_ENTERING name               { declaration_open(context, DECLARATION_ON, @$)->name = $2; }
    | ON_LEAVING name                   {
                                            struct declaration *d = declaration_open(context, DECLARATION_ON, @$);
                                            d->name = $2;
                                            d->leaving = true;
                                        }
    ;
actions: %empty | actions action;
action: ASSIGN TEXT act_when            { add_action(context, $3, ACTION_ASSIGN, $2, @$); }
    | NOTIFY TEXT act_when              { add_action(context, $3, ACTION_NOTIFY, $2, @$); }
    | TAG TEXT act_when                 { add_action(context, $3, ACTION_TAG, $2, @$); }
    ;
act_when: %empty                        { $$ = action_new(context); }
    | WHEN expr                         {
                                            $$ = action_new(context);
                                            $$->when = tree_condition(context, $2);
                                        }
    | OTHERWISE                         {
                                            $$ = action_new(context);
                                            $$->otherwise = true;
                                        }
    ;

outcome: OUTCOME WHEN expr              {
                                            declaration_open(context, DECLARATION_OUTCOME, @$)->expression =
                                                tree_condition(context, $3);
                                        }
    ;

/* ---- tests ------------------------------------------------------------------------------------------------------- */

test: test_head test_clauses;
test_head: TEST TEXT                    { declaration_open(context, DECLARATION_TEST, @$)->title = $2; };
test_clauses: %empty | test_clauses test_clause;
test_clause: AS_OF DATE                 {
                                            if (clause_once(context, CLAUSE_AS_OF, @$)) {
                                                struct tree_test_clause *c = test_clause_new(context, TEST_AS_OF, @$);
                                                c->date = $2.instant;
                                                c->has_date = true;
                                                add_test_clause(context, c);
                                            }
                                        }
    | GIVEN given                       {
                                            $2->span = @$;
                                            add_test_clause(context, $2);
                                        }
    | EXPECT expects
    ;
given: given_fields                     {
                                            $$ = test_clause_new(context, TEST_GIVEN_FIELDS, @$);
                                            $$->fields = $1.first;
                                        }
    | name                              { $$ = given_event(context, $1, NULL, @$); }
    | name given_fields                 { $$ = given_event(context, $1, $2.first, @$); }
    | name given_time                   { $$ = given_event_at(context, $1, NULL, $2, @$); }
    | name given_fields given_time      { $$ = given_event_at(context, $1, $2.first, $3, @$); }
    | NUMBER name                       {
                                            $$ = given_event(context, $2, NULL, @$);
                                            $$->count = whole_count(context, $1, @1);
                                        }
    | NUMBER name given_fields          {
                                            $$ = given_event(context, $2, $3.first, @$);
                                            $$->count = whole_count(context, $1, @1);
                                        }
    | NUMBER name given_time            {
                                            $$ = given_event_at(context, $2, NULL, $3, @$);
                                            $$->count = whole_count(context, $1, @1);
                                        }
    | NUMBER name given_fields given_time {
                                            $$ = given_event_at(context, $2, $3.first, $4, @$);
                                            $$->count = whole_count(context, $1, @1);
                                        }
    | STAGE name                        {
                                            $$ = test_clause_new(context, TEST_GIVEN_STAGE, @$);
                                            $$->stage = $2;
                                        }
    | STAGE TEXT                        {
                                            $$ = test_clause_new(context, TEST_GIVEN_STAGE, @$);
                                            $$->stage_text = $2;
                                        }
    | SETTING name constant             {
                                            $$ = test_clause_new(context, TEST_GIVEN_SETTING, @$);
                                            $$->setting = $2;
                                            $$->value = $3;
                                        }
    ;
given_time: duration AGO                {
                                            $$ = test_clause_new(context, TEST_GIVEN_EVENT, @$);
                                            $$->ago = $1;
                                        }
    | AT DATE                           {
                                            $$ = test_clause_new(context, TEST_GIVEN_EVENT, @$);
                                            $$->date = $2.instant;
                                            $$->has_date = true;
                                        }
    ;
given_fields: given_field               { $$ = given_append((struct given_chain){ 0 }, $1); }
    | given_fields ',' given_field      { $$ = given_append($1, $3); }
    ;
given_field: name value                 { $$ = given_new(context, $1, $2, NULL); }
    | name '(' items ')'                { $$ = given_new(context, $1, NULL, $3.first); }
    ;
value: NUMBER                           { $$ = tree_number(context, TREE_NUMBER, $1, @$); }
    | '+' NUMBER                        { $$ = tree_number(context, TREE_NUMBER, $2, @$); }
    | '-' NUMBER                        {
                                            $$ = tree_one(context, TREE_NEGATE,
                                                          tree_number(context, TREE_NUMBER, $2, @2), @$);
                                        }
    | TEXT                              { $$ = tree_text(context, $1); }
    | YES                               { $$ = tree_new(context, TREE_YES, @$); }
    | NO                                { $$ = tree_new(context, TREE_NO, @$); }
    | DATE                              { $$ = tree_date(context, $1); }
    ;
expects: expect                         {
                                            $1->span.start = @0.start;
                                            add_test_clause(context, $1);
                                        }
    | expects ',' expect                {
                                            $3->continues = true;
                                            add_test_clause(context, $3);
                                        }
    ;
expect: expr                            {
                                            $$ = expect_new(context, EXPECT_CONDITION, @$);
                                            $$->condition = tree_condition(context, $1);
                                        }
    | RULE name GIVES signed            {
                                            $$ = expect_new(context, EXPECT_RULE_GIVES, @$);
                                            $$->rule = $2;
                                            $$->points = $4;
                                        }
    | RULE name FIRES                   {
                                            $$ = expect_new(context, EXPECT_RULE_FIRES, @$);
                                            $$->rule = $2;
                                        }
    | RULE name SILENT                  {
                                            $$ = expect_new(context, EXPECT_RULE_SILENT, @$);
                                            $$->rule = $2;
                                        }
    | RULE name UNDECIDED               {
                                            $$ = expect_new(context, EXPECT_RULE_UNDECIDED, @$);
                                            $$->rule = $2;
                                        }
    | ACTION_ASSIGN TEXT                { $$ = expect_action(context, ACTION_ASSIGN, $2, @$); }
    | ACTION_NOTIFY TEXT                { $$ = expect_action(context, ACTION_NOTIFY, $2, @$); }
    | ACTION_TAG TEXT                   { $$ = expect_action(context, ACTION_TAG, $2, @$); }
    ;

/* ---- bounds, percents, durations --------------------------------------------------------------------------------- */

signed: NUMBER                          { $$ = bound_number(SIGN_NONE, $1, @$); }
    | '+' NUMBER                        { $$ = bound_number(SIGN_PLUS, $2, @$); }
    | '-' NUMBER                        { $$ = bound_number(SIGN_MINUS, $2, @$); }
    ;
bound: signed
    | name                              { $$ = bound_setting(SIGN_NONE, $1, @$); }
    | '+' name                          { $$ = bound_setting(SIGN_PLUS, $2, @$); }
    | '-' name                          { $$ = bound_setting(SIGN_MINUS, $2, @$); }
    ;
percent: PERCENT                        { $$ = bound_percent($1, @$); }
    | name                              { $$ = bound_setting(SIGN_NONE, $1, @$); }
    ;
duration: NUMBER UNIT                   { $$ = duration_of(context, $1, $2, @1, @$); }
    | plain_name                        { $$ = duration_setting($1); }
    ;
period: duration
    | UNIT                              { $$ = duration_one($1, @$); }
    ;

/* ---- expressions ------------------------------------------------------------------------------------------------- */

expr: and_expr
    | expr OR and_expr                  {
                                            $$ = tree_two(context, TREE_OR, tree_condition(context, $1),
                                                          tree_condition(context, $3), @$);
                                        }
    ;
and_expr: not_expr
    | and_expr AND not_expr             {
                                            $$ = tree_two(context, TREE_AND, tree_condition(context, $1),
                                                          tree_condition(context, $3), @$);
                                        }
    ;
not_expr: predicate
    | NOT not_expr                      { $$ = tree_one(context, TREE_NOT, tree_condition(context, $2), @$); }
    ;
predicate: sum
    | compare
    | sum WITHIN noise duration         {
                                            $$ = tree_one(context, TREE_WITHIN, $1, @$);
                                            $$->duration = $4;
                                        }
    | sum BEFORE sum                    { $$ = tree_two(context, TREE_BEFORE, $1, $3, @$); }
    | sum AFTER sum                     { $$ = tree_two(context, TREE_AFTER, $1, $3, @$); }
    | sum SINCE sum                     { $$ = tree_two(context, TREE_SINCE, $1, $3, @$); }
    | name WHERE where_pred window      { $$ = tree_where(context, tree_name(context, $1), $3, $4, @$); }
    | ACTIVITY WHERE where_pred window  {
                                            $$ = tree_where(context, tree_new(context, TREE_ACTIVITY, @1), $3, $4, @$);
                                        }
    | NO event_set                      { $$ = tree_one(context, TREE_NO_SET, $2, @$); }
    | quantity bound event_set          {
                                            $$ = tree_one(context, TREE_QUANTITY, $3, @$);
                                            $$->quantity = $1;
                                            $$->bound = $2;
                                        }
    | STAGE_IS name                     { $$ = tree_stage_is(context, $2, (struct literal){ 0 }, false, @$); }
    | STAGE_IS NOT name                 { $$ = tree_stage_is(context, $3, (struct literal){ 0 }, true, @$); }
    | STAGE_IS TEXT                     { $$ = tree_stage_is(context, (struct name){ 0 }, $2, false, @$); }
    | STAGE_IS NOT TEXT                 { $$ = tree_stage_is(context, (struct name){ 0 }, $3, true, @$); }
    ;
quantity: AT_LEAST { $$ = QUANTITY_AT_LEAST; } | AT_MOST { $$ = QUANTITY_AT_MOST; } | EXACTLY { $$ = QUANTITY_EXACTLY; }
    | MORE_THAN { $$ = QUANTITY_MORE_THAN; } | FEWER_THAN { $$ = QUANTITY_FEWER_THAN; }
    ;
compare: sum cmp sum                    %prec WHERE_END {
                                            $$ = tree_two(context, TREE_COMPARE, $1, $3, @$);
                                            $$->comparison = $2;
                                        }
    | sum IS sum                        { $$ = tree_two(context, TREE_IS, $1, $3, @$); }
    | sum IS NOT sum                    {
                                            $$ = tree_two(context, TREE_IS, $1, $4, @$);
                                            $$->negated = true;
                                        }
    | sum IS MISSING                    { $$ = tree_is(context, TREE_IS_MISSING, $1, false, @$); }
    | sum IS NOT MISSING                { $$ = tree_is(context, TREE_IS_MISSING, $1, true, @$); }
    | sum IS KNOWN                      { $$ = tree_is(context, TREE_IS_KNOWN, $1, false, @$); }
    | sum IS NOT KNOWN                  { $$ = tree_is(context, TREE_IS_KNOWN, $1, true, @$); }
    | sum IS EXACTLY TEXT               { $$ = tree_with_literal(context, TREE_IS_EXACTLY, $1, $4, false, @$); }
    | sum IS NOT EXACTLY TEXT           { $$ = tree_with_literal(context, TREE_IS_EXACTLY, $1, $5, true, @$); }
    | sum BETWEEN sum AND sum           %prec WHERE_END { $$ = tree_between(context, $1, $3, $5, false, @$); }
    | sum NOT BETWEEN sum AND sum       %prec WHERE_END { $$ = tree_between(context, $1, $4, $6, true, @$); }
    | sum IN list                       { $$ = tree_in(context, $1, $3, false, @$); }
    | sum NOT IN list                   { $$ = tree_in(context, $1, $4, true, @$); }
    | sum textop texts_of               { $$ = tree_text_op(context, $2, $1, $3, QUANTIFIER_ONE, false, @$); }
    | sum textop ANY_OF list            { $$ = tree_text_op(context, $2, $1, $4, QUANTIFIER_ANY, false, @$); }
    | sum textop ALL_OF list            { $$ = tree_text_op(context, $2, $1, $4, QUANTIFIER_ALL, false, @$); }
    | sum NOT textop texts_of           { $$ = tree_text_op(context, $3, $1, $4, QUANTIFIER_ONE, true, @$); }
    | sum NOT textop ANY_OF list        { $$ = tree_text_op(context, $3, $1, $5, QUANTIFIER_ANY, true, @$); }
    | sum NOT textop ALL_OF list        { $$ = tree_text_op(context, $3, $1, $5, QUANTIFIER_ALL, true, @$); }
    | sum MATCHES TEXT                  { $$ = tree_with_literal(context, TREE_MATCHES, $1, $3, false, @$); }
    | sum NOT MATCHES TEXT              { $$ = tree_with_literal(context, TREE_MATCHES, $1, $4, true, @$); }
    ;
cmp: '=' { $$ = COMPARE_EQ; } | NE { $$ = COMPARE_NE; } | '<' { $$ = COMPARE_LT; } | LE { $$ = COMPARE_LE; }
    | '>' { $$ = COMPARE_GT; } | GE { $$ = COMPARE_GE; }
    ;
textop: CONTAINS { $$ = TEXTOP_CONTAINS; } | HAS_WORD { $$ = TEXTOP_HAS_WORD; }
    | STARTS_WITH { $$ = TEXTOP_STARTS_WITH; }
    | ENDS_WITH { $$ = TEXTOP_ENDS_WITH; }
    | CONTAINS EXACTLY { $$ = TEXTOP_CONTAINS_EXACTLY; } | STARTS_WITH EXACTLY { $$ = TEXTOP_STARTS_WITH_EXACTLY; }
    | ENDS_WITH EXACTLY { $$ = TEXTOP_ENDS_WITH_EXACTLY; }
    ;
texts_of: TEXT                          { $$ = list_of_one(context, $1); }
    | name                              { $$ = (struct tree_list){ .name = $1, .span = @$ }; }
    ;
list: name                              { $$ = (struct tree_list){ .name = $1, .span = @$ }; }
    | '(' items ')'                     { $$ = (struct tree_list){ .items = $2.first, .span = @$ }; }
    ;
items: item                             { $$ = item_append(context, (struct item_chain){ 0 }, $1); }
    | items ',' item                    { $$ = item_append(context, $1, $3); }
    ;
item: NUMBER                            { $$ = tree_number(context, TREE_NUMBER, $1, @$); }
    | '+' NUMBER                        { $$ = tree_number(context, TREE_NUMBER, $2, @$); }
    | '-' NUMBER                        {
                                            $$ = tree_one(context, TREE_NEGATE,
                                                          tree_number(context, TREE_NUMBER, $2, @2), @$);
                                        }
    | TEXT                              { $$ = tree_text(context, $1); }
    | name                              { $$ = tree_name(context, $1); }
    | DATE                              { $$ = tree_date(context, $1); }
    ;

/* Event sets.  A bare `where` takes one predicate without date windows, so that the window belongs to the set. */
event: name                             { $$ = tree_name(context, $1); }
    | ACTIVITY                          { $$ = tree_new(context, TREE_ACTIVITY, @$); }
    ;
event_set: event window                 { $$ = tree_set(context, $1, $2, @$); }
    | event WHERE where_pred window     { $$ = tree_where(context, $1, $3, $4, @$); }
    | '(' event_set ')'                 { $$ = tree_parentheses(context, $2, @$); }
    ;
point_set: event                        { $$ = tree_set(context, $1, (struct window){ 0 }, @$); }
    | event WHERE where_pred            { $$ = tree_where(context, $1, $3, (struct window){ 0 }, @$); }
    | '(' event_set ')'                 { $$ = tree_parentheses(context, $2, @$); }
    ;
where_pred: compare
    | NOT compare                       { $$ = tree_one(context, TREE_NOT, $2, @$); }
    | sum                               %prec WHERE_END
    | NOT sum   %prec WHERE_END          { $$ = tree_one(context, TREE_NOT, tree_condition(context, $2), @$); }
    ;
window: %empty                          %prec WHERE_END { $$ = (struct window){ .kind = WINDOW_NONE, .span = @$ }; }
    | WITHIN noise duration             { $$ = (struct window){ .kind = WINDOW_WITHIN, .duration = $3, .span = @$ }; }
    | SINCE primary                     { $$ = (struct window){ .kind = WINDOW_SINCE, .date = $2, .span = @$ }; }
    | BEFORE primary                    { $$ = (struct window){ .kind = WINDOW_BEFORE, .date = $2, .span = @$ }; }
    ;
noise: %empty | THE | LAST | THE LAST;

sum: product                            %prec WHERE_END
    | sum '+' product                   { $$ = tree_two(context, TREE_ADD, $1, $3, @$); }
    | sum '-' product                   { $$ = tree_two(context, TREE_SUBTRACT, $1, $3, @$); }
    ;
product: unary
    | product '*' unary                 { $$ = tree_two(context, TREE_MULTIPLY, $1, $3, @$); }
    | product '/' unary                 { $$ = tree_two(context, TREE_DIVIDE, $1, $3, @$); }
    ;
unary: primary
    | '-' unary                         { $$ = tree_one(context, TREE_NEGATE, $2, @$); }
    ;
primary: NUMBER                         { $$ = tree_number(context, TREE_NUMBER, $1, @$); }
    | PERCENT                           { $$ = tree_number(context, TREE_PERCENT, $1, @$); }
    | TEXT                              { $$ = tree_text(context, $1); }
    | DATE                              { $$ = tree_date(context, $1); }
    | YES                               { $$ = tree_new(context, TREE_YES, @$); }
    | NO                                { $$ = tree_new(context, TREE_NO, @$); }
    | name                              { $$ = tree_name(context, $1); }
    | ACTIVITY                          { $$ = tree_new(context, TREE_ACTIVITY, @$); }
    | NOW                               { $$ = tree_new(context, TREE_NOW, @$); }
    | AT                                { $$ = tree_new(context, TREE_AT, @$); }
    | DISQUALIFIED                      { $$ = tree_new(context, TREE_DISQUALIFIED, @$); }
    | name '(' args ')'                 { $$ = tree_call(context, $1, $3.first, @$); }
    | '(' expr ')'                      { $$ = tree_parentheses(context, $2, @$); }
    | COUNT_OF event_set                { $$ = tree_count(context, $2, @$); }
    | aggregate name OVER event_set     {
                                            $$ = tree_one(context, TREE_AGGREGATE, $4, @$);
                                            $$->aggregate = $1;
                                            $$->name = $2;
                                        }
    | DISTINCT name OVER event_set      {
                                            $$ = tree_one(context, TREE_DISTINCT, $4, @$);
                                            $$->name = $2;
                                        }
    | UNITS_SINCE primary               {
                                            $$ = tree_one(context, TREE_UNITS_SINCE, $2, @$);
                                            $$->unit = $1.unit;
                                        }
    | LAST point_set                    { $$ = tree_one(context, TREE_LAST, $2, @$); }
    | FIRST point_set                   { $$ = tree_one(context, TREE_FIRST, $2, @$); }
    | LENGTH_OF primary                 { $$ = tree_one(context, TREE_LENGTH, $2, @$); }
    | DOMAIN_OF primary                 { $$ = tree_one(context, TREE_DOMAIN, $2, @$); }
    ;
aggregate: SUM_OF { $$ = AGGREGATE_SUM; } | MIN_OF { $$ = AGGREGATE_MIN; } | MAX_OF { $$ = AGGREGATE_MAX; }
    | AVERAGE_OF { $$ = AGGREGATE_AVERAGE; }
    ;
args: expr                              { $$ = item_append(context, (struct item_chain){ 0 }, $1); }
    | args ',' expr                     { $$ = item_append(context, $1, $3); }
    ;
%%

/* The token of a symbol, and what it is called in messages. */
static struct expected expected_of(yysymbol_kind_t kind)
{
    switch ((int)kind) {
#define WORD(token, text, meaning) case YYSYMBOL_##token: return (struct expected){ TOKEN_##token, "`" text "`" };
#define SOFT(token, text, meaning) WORD(token, text, meaning)
#define PAIR(token, first, second, meaning) WORD(token, first " " second, meaning)
#define UNIT(unit, text)
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
    case YYSYMBOL_NAME: return (struct expected){ TOKEN_NAME, "a name" };
    case YYSYMBOL_TEXT: return (struct expected){ TOKEN_TEXT, "a text in quotes" };
    case YYSYMBOL_NUMBER: return (struct expected){ TOKEN_NUMBER, "a number" };
    case YYSYMBOL_PERCENT: return (struct expected){ TOKEN_PERCENT, "a percent" };
    case YYSYMBOL_DATE: return (struct expected){ TOKEN_DATE, "a date" };
    case YYSYMBOL_UNIT: return (struct expected){ TOKEN_UNIT, "a unit of time" };
    case YYSYMBOL_UNITS_SINCE: return (struct expected){ TOKEN_UNITS_SINCE, "`days since`" };
    case YYSYMBOL_YYEOF: return (struct expected){ TOKEN_YYEOF, "the end of the file" };
    default: break;
    }
    const char *name = yysymbol_name(kind);
    if (name[0] == '\'') return (struct expected){ name[1], name };
    return (struct expected){ -1, name };
}

static int yyreport_syntax_error(const yypcontext_t *at, struct parse_context *context)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    struct expected expected[YYNTOKENS];
    int count = yypcontext_expected_tokens(at, kinds, YYNTOKENS);
    if (count < 0) return count;
    for (int index = 0; index < count; index++) expected[index] = expected_of(kinds[index]);
    parse_report_unexpected(context, expected, (size_t)count);
    return 0;
}

static void rubric_error(const struct span *span, struct parse_context *context, const char *message)
{
    (void)message;                                      /* only "memory exhausted" comes this way */
    parse_report_memory(context, *span);
}
