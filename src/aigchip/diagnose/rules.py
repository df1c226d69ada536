"""What the texts of the tools mean: the first rule that matches a message gives its class and remedy.

A rule reads the sentence alone, with names and numbers masked: the numbers of `HLS 207-*` messages change from release
to release, and names belong to the user. Specific rules come before general ones. `BY_IDENTIFIER` is only asked about
messages whose text no rule knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What a text means.

    Attributes:
        pattern: searched in the masked sentence, without regard to case.
        error_class: a key of `message.CLASSES`.
        remedy: the smallest step that helps.
    """

    pattern: re.Pattern[str]
    error_class: str
    remedy: str


def _rules(error_class: str, *rows: tuple[str, str]) -> tuple[Rule, ...]:
    return tuple(Rule(re.compile(pattern, re.IGNORECASE), error_class, remedy) for pattern, remedy in rows)


_READ_LOG = "Read the messages above this one; the cause is there."
_PRAGMA_PLACE = "Move the pragma into the body of the loop or function that it concerns, as its first statement."
_PRAGMA_OPTION = "Use an option that the pragma has, in the form option=value."
_CANONICAL = "Write the region as declarations and calls only; connect each pair of processes by one stream."
_SYNTAX = "Correct the syntax at this place."

RULES: tuple[Rule, ...] = (
    *_rules(
        "other",
        (r"caught tcl error|see log for details|entity port .* component port|file generation failed", _READ_LOG),
        (r"co-?sim\w* (only supports|cannot be started)|compil\w* error", _READ_LOG),
    ),
    *_rules(
        "license",
        (
            r"licen[sc]e\b.*(not found|fail|expire|invalid|denied|unavailable|could not|cannot|error|no longer)"
            r"|(no|not|without|missing|obtain|check ?out|valid)\b.{0,40}\blicen[sc]e|flexnet|flexlm|lm_license"
            r"|fail\w* to (get|obtain|check ?out) .{0,30}licen[sc]e",
            "Install a licence for the part, or choose a part that the free edition covers.",
        ),
    ),
    *_rules(
        "timeout",
        (
            r"stop unrolling|excessive memory usage due to increase in code size",
            "Unroll by a factor, or move the body of the loop to a function.",
        ),
        (
            r"\btimed[ -]out|time-?out (expired|reached|exceeded|after|of)|(due to|on|by|after) (a )?time-?out"
            r"|exceed\w* (the |its )?(maximum |max |allowed )*(run-?|wall|cpu |compile )?(clock )?time( limit)?\b"
            r"|\b(run-?)?time limit|timeout: ",
            "Make the design smaller, or allow more time.",
        ),
        (r"maximum (number of )?(instruction|iteration|step)s? (limit|exceed)", "Unroll less."),
    ),
    *_rules(
        "cosim mismatch", (r"(check|in|of) (the )?c (tb|test ?bench)", "Correct the test bench or the top function.")
    ),
    *_rules(
        "tool crash",
        (
            r"unexpected error has occurred|abnormal program termination|access_violation|internal (data )?exception"
            r"|internal (compiler |tool )?error|stack dump|core dumped|hs_err_pid|bug report|frontend command failed"
            r"|bad_alloc|out of memory|terminate called|unhandled exception|assertion .*fail|please contact.*support"
            r"|segmentation (fault|violation)|(received|killed by|caught) signal|signal 1?1\b|aborted \(core",
            "Simplify the code around the last place named, or use another version of the tool.",
        ),
    ),
    *_rules(
        "cosim deadlock",
        (r"(consider )?increas\w+ the depth of FIFO", "Give the FIFO the depth that the message names."),
        (
            r"(?<![\w])dead-?locks?(ed)?(?!\w)|simulation hang|simulation (is |was )?(stuck|stalled)|no progress",
            "Give the streams enough depth, and read and write each stream equally often.",
        ),
    ),
    *_rules(
        "memory port",
        (
            r"lower bound of II .* (on|accessing) |resource limit of core:.*(ram|rom|mem|port)|limited memory ports?|memory ports? (conflict|limit)|more ports or partition|not enough (memory )?ports",
            "Partition the array so that every access of an iteration has a port of its own.",
        ),
    ),
    *_rules(
        "timing",
        (
            r"cannot meet (the )?(target clock|timing)|exceeds the target \(?|estimated (clock period|delay)"
            r"|critical path in module|(combination(al)?|path) delay.*exceed|timing (requirement|constraint)s?\b.*"
            r"(not|fail|violat)|(not|fail\w*( to)?) (be )?me+t timing|fail\w* to meet (the )?timing|negative slack"
            r"|timing violation|(setup|hold) violation|effective (delay budget|cycle time)",
            "Lower the clock frequency, or give the operations more cycles.",
        ),
    ),
    *_rules(
        "array out of bounds",
        (
            r"out[- ]of[- ]bounds?\b|past the end of the array|before the beginning of (the )?array"
            r"|past the (last|end) (element|of)|(index|subscript)\b.* (exceeds|above array bounds|below array bounds|outside)"
            r"|array (index|subscript)\b.*(past|before|beyond)|exceeds? the (array )?bounds? of|heap-buffer-overflow"
            r"|stack-buffer-overflow|global-buffer-overflow",
            "Keep the index inside the array: compare the bound of the loop with the size of the array.",
        ),
    ),
    *_rules(
        "cosim mismatch",
        (
            r"co-?sim\w*\b.*finished: fail|aborting co-?sim\w*: (rtl|c tb|c test ?bench|cosim)|rtl simulation failed"
            r"|c tb (post check|testing|simulation) fail|post[- ]check\w*\b.*fail"
            r"|(results?|outputs?|rtl)\b.{0,40}\b(mismatch(es)? (found|detected|at|in)|differ from|do(es)? not match (the )?(c|expected|golden|reference))\b"
            r"|co-?simulation (mismatch\w* (found|detected)|fail(ed|s)?\b)",
            "Compare C simulation and RTL on the first output that differs; look for undefined values and overruns.",
        ),
    ),
    # pragmas whose text also names arrays, dataflow or interfaces
    *_rules(
        "pragma misuse",
        (
            r"(can(not)? only be|only|must be|is not|are not) (be )?(applied|allowed|used|placed|supported|permitted) "
            r"(inside|in|within|at|on) (the |a )?(loop|function|file|global)\b.*(body|scope)",
            _PRAGMA_PLACE,
        ),
        (
            r"unexpected pragma|invalid (pragma|directive|option|value) |unknown (hls )?(pragma|directive)",
            _PRAGMA_OPTION,
        ),
        (r"missing (argument|option|parameter|value) for|argument of .*pragma", "Give the option a value."),
        (r"in '#pragma hls [^']*' is|option (to|of|for|in) .*pragma.*(not supported|ignored|invalid)", _PRAGMA_OPTION),
        (
            r"'(#pragma |hls |\w+ pragma|resource|data_?pack|array_map|function_instantiate)[^']*' is deprecated",
            "Use the pragma that replaced it, such as bind_storage or aggregate.",
        ),
        (r"array mapping directive|cannot merge (loops|arrays)", "Remove the directive, or give it what it asks for."),
        (
            r"(pragma|directive)s? conflict|conflicting (pragma|directive)s?|conflict happens on",
            "Keep one of the two pragmas.",
        ),
        (r"performance (pragma|of loop)|loop rewind", "Ask for a rate that the loop can reach, or remove it."),
        (
            r"the expression must be a constant|cannot apply .* optimi[sz]ation|unable to (rewind|pipeline|inline|flatten)"
            r"|cannot (inline|rotate|rewind) |latency directive",
            _PRAGMA_OPTION,
        ),
        (r"pragma is ignored\b|^ignoring \w+ pragma", _PRAGMA_OPTION),
        (r"invalid variable expr", "Name a variable that is declared in this function."),
        (r"only for/?\w*(/\w+)? (loops )?support", _PRAGMA_PLACE),
    ),
    *_rules("dataflow violation", (r"failed dataflow checking|bundled bus interface", _CANONICAL)),
    *_rules(
        "interface error",
        (
            r"\b(interface|bind_storage|resource|stream) pragma\b.*(argument|global variable|struct|port)"
            r"|^(?!.*array_(partition|reshape)).*pragma on (a |the )?(global variable|function argument|top)",
            "Write an INTERFACE pragma on an argument of the top function.",
        ),
        (r"cannot apply .* on stream object", "Read and write the stream as a whole."),
        (
            r"has no outputs|will not be exposed as RTL port|ignore depth setting|axi_?-?(master|slave|lite)? port"
            r"|'volatile' qualifier|(top|top-level) (function )?argument|argument .* of top|on top function argument"
            r"|(scalar|pointer|array|axi\w*|m_axi|s_axilite|axis|bus|handshake) (interface )?port\b.*(not|cannot|depth|requires)"
            r"|(bundle|bundled) .*(conflict|not|different)|register (interface|port)|interface (read|write|access) on|"
            r"(has )?no fan-?in or fan-?out|dangling|depth specification|(implement|apply) (the )?(axi-?)?stream interface|"
            r"axi-?stream\b.*(port|interface)|sequential order on port|(reads?|writes?) .*sequential order|multiple (read|write)s? .* (port|argument)"
            r"|(port|argument) .* (has|with) (an? )?(illegal|invalid|unsupported|no) (interface|depth|mode|protocol|direction)",
            "Give the argument a type and an interface mode that hardware has, and write each output.",
        ),
    ),
    *_rules(
        "array partition",
        (
            r"config_array_partition|(array[ _]partition|array[ _]reshape|array partition/reshape)(?! pragma is dep)"
            r"|\b(cannot|completely|fail\w* to|unable to|not|over-?)[ -]?(partition|reshap)\w*|partition factor"
            r"|\b(partitioned|reshaped|packed|aggregated) (elements?|arrays?|data|struct)|partition directive"
            r"|partition\w* (the )?array|bitwidth of .*(elements?|array)\b.*exceed|reshape directive",
            "Partition an array of this function, in a dimension that it has, by a factor that divides it.",
        ),
    ),
    *_rules(
        "II violation",
        (
            r"ii violation|\bII ?= ?#? is infeasible|unable to (enforce|satisfy|meet) .*(constraint|dependence|\bII\b)"
            r"|estimated II increased|loop exit test|resource constraint cannot be honou?red|due to limited resources"
            r"|cannot (achieve|reach|meet) .*(\bII\b|initiation interval)|(target|requested) (II|initiation interval)\b.*"
            r"(not|cannot)|final II .*(exceed|larger|greater)|carried (dependence )?constraint|recurrence",
            "Break the dependence between iterations, add resources, or raise the initiation interval.",
        ),
        (r"unable to schedule\b|lower bound of II", "Add resources or ports, or raise the initiation interval."),
    ),
    *_rules(
        "dataflow violation",
        (
            r"failed dataflow checking|dataflow[- ](form|region|on-top|checks?|loop|process|channel|form)|in dataflow\b"
            r"|(support|unsupported|canonical|middle of|apply|parent of|inside|into) (the )?dataflow"
            r"|dataflow (pipelin|violation|construct|optimi|pragma|directive|mode|block)",
            _CANONICAL,
        ),
        (
            r"(single|one|# ?)reader|produced and consumed|has both a (predecessor|successor)|merging processes"
            r"|bundled bus interface|improper streaming access|has (read|write) operations? in|non-FIFO I/O"
            r"|from previous iterations in|ap_ctrl_(none|chain|hs) .*(region|process)|task-level pipelin"
            r"|canonical (form|region|dataflow)|feedback (dependence|loop|between)|conditional execution on",
            _CANONICAL,
        ),
    ),
    *_rules(
        "unsynthesizable construct",
        (r"exceptions disabled|with exceptions", "Remove try, catch and throw; hardware has no exceptions."),
        (
            r"variable[- ]length arrays?|unknown size at compile time|array with (a )?(unknown|variable|non-constant) size",
            "Give the array a constant size.",
        ),
        (
            r"undefined function|has no function body|undefined symbol|undefined reference|external function",
            "Define the function in a file that is synthesised.",
        ),
        (r"recurs(ive|ion)", "Replace the recursion by a loop."),
        (
            r"dynamic(ally)? (memory )?alloc|\b(malloc|calloc|realloc|heap)\b|'(new|delete|free)'|memory allocat",
            "Use arrays of constant size.",
        ),
        (r"inline assembl|\basm\b", "Write the operation in C++."),
        (
            r"un-?synthesi[sz]able|synthesi[sz]ability|syn check|not (applicable|allowed|supported) (for|in|by) synthesis"
            r"|(not|non)[- ]synthesi[sz]able|unsupported (std|c\+\+|c/c\+\+|language|pointer|memory|operat|function|type|"
            r"instruction|intrinsic|feature|construct|system|cast|call|struct|union|access|use of)"
            r"|pointer (to|of) pointers?|pointer reinterpret|non-static pointer|function pointers?|pointers? (to|of) function"
            r"|constant variable .* modified|virtual (function|method|call)|system call|(pointer )?reinterpret|bit-?field"
            r"|memory copy is not supported|systemc|thread-local|(is|are) not supported (in|for|by) (hls|hardware|synthesis|the current target)"
            r"|(calls?|types?|variables?|pointers?|pointer comparison|functions?|classes|statements?|expressions?|structs?|loops?) (is|are) not supported|goto\b|infinite loop",
            "Replace the construct by one that hardware has.",
        ),
    ),
    # ordinary C++
    *_rules(
        "undeclared identifier",
        (
            r"undeclared|implicit(ly)? declar|unknown type name|no (template|type|member|class|struct|enum)\w* named|not (been )?declared"
            r"|not a member of|does not name a (type|template)|requires a type specifier|undefined identifier"
            r"|use of undefined|not declared in this scope|unknown (class|template|identifier|variable|name)",
            "Declare the name, include its header, or correct its spelling.",
        ),
    ),
    *_rules(
        "type mismatch",
        (
            r"no matching|no viable|ambiguous|incompatible|different (type|language linkage|return type|signature|exception|"
            r"cv|number|storage)|conflicting (types?|declaration)|invalid (operands?|conversion|cast|argument type|"
            r"initialization|static_cast|reinterpret_cast|types?)|cannot (be )?(convert|initiali[sz]e|bind|cast|assign|"
            r"increment|decrement|take the address)|cannot pass|incomplete (type|result|class|element)|member reference|"
            r"format specifies|discards|drops '?const|too (few|many) (arguments?|template|initiali)|non-const lvalue|"
            r"subscripted value|array subscript is not|called object|not (assignable|contextually|a (function|class|"
            r"structure|pointer|constant|type|modifiable|integral|template))|implicit conversion|narrow|assigning to|"
            r"could not convert|indirection requires|read-only (variable|location|reference)|is not (implicitly )?convertible|requires \d* ?arguments?|"
            r"overload|expression (is not|must be)|returning .* from|type .* (does not|cannot|mismatch|is not)|"
            r"mismatch(ed)? (type|argument)|passing .* (to parameter|as)|non-type template argument|must be a (constant|type)|requires (an? )?integer constant"
            r"|types? .* differ|deduced (conflicting|as)|comparison (of|between) (distinct|pointer|integers? of)",
            "Match the types, constness and number of the arguments, or convert with an explicit cast.",
        ),
        (r"const-qualified|no known conversion|does not (match|refer)|as type", "Match the types."),
    ),
    *_rules(
        "other",
        (
            r"file not found|no such file|cannot (find|open)|does not exist|is not found|not installed|could not read",
            "Give a file that exists, or remove the line that names it.",
        ),
        (r"redefinition|redeclar|multiple definition|already defined|duplicate", "Define each name once."),
        (
            r"(command|executable|option|flag|switch)\b.* (is |has been )(deprecated|removed|not supported|obsolete)",
            "Use the command that replaced it.",
        ),
        (
            r"^expected|unterminated|extraneous|missing ('|terminating)|stray|too many errors|not allowed here|before '",
            _SYNTAX,
        ),
        (
            r"control reaches end|no return statement|private|protected|uninitiali[sz]ed|unused|deleted function",
            _SYNTAX,
        ),
    ),
    # what is left of pragmas and dataflow, said in many ways
    *_rules(
        "pragma misuse",
        (
            r"pragma|\bdirectives?\b|cannot (be )?(unroll|flatten|pipelin|merge|inline|rewind)\w*|(ignor\w+|remov\w+|skip\w*) "
            r"(the )?(pipeline|unroll|inline|flatten|dependence)|loop[ _](tripcount|flatten|merge)|perfect loop|unpipelined"
            r"|initiation interval that is equal|loop rewind|(pipeline|unroll|inline|flatten)\w* .*(ignored|not applied)"
            r"|(not|un)[- ]?able to (unroll|flatten|pipeline|inline)|variable (loop bound|trip ?count)|bind_(op|storage)"
            r"|(aggregate|disaggregate)\b",
            _PRAGMA_PLACE,
        ),
    ),
    *_rules("dataflow violation", (r"\bdataflow\b", _CANONICAL)),
    *_rules(
        "interface error",
        (r"\binterfaces?\b|\bm_axi\b|s_axilite|\baxis\b|axi4?\b", "Give the argument an interface that hardware has."),
    ),
)

REMEDY_OTHER = _READ_LOG

#: Identifiers other than `HLS 207-*` keep their meaning from release to release; for texts that no rule knows.
BY_IDENTIFIER: tuple[tuple[str, str], ...] = (
    (r"SYNCHK(?: 200)?-(77|91)$", "interface error"),
    (r"SYNCHK(?: 200)?-(23|120|10)$", "other"),
    (r"SYNCHK(?: 200)?-62$", "array out of bounds"),
    (r"SYNCHK(?: 200)?-\d+$", "unsynthesizable construct"),
    (r"ANALYSIS(?: 214)?-31$", "array out of bounds"),
    (r"SCHED(?: 204)?-68$", "II violation"),
    (r"SCHED(?: 204)?-69$", "memory port"),
    (r"SCHED(?: 204)?-(67|65)$", "pragma misuse"),
    (r"SCHED(?: 204)?-(70|21)$", "timing"),
    (r"XFORM(?: 203)?-7\d\d$", "dataflow violation"),
    (r"XFORM(?: 203)?-1(0\d|3\d|104)$", "array partition"),
    (r"XFORM(?: 203)?-5\d\d$", "pragma misuse"),
    (r"HLS 200-(471|779|786|97\d|98\d|99\d|1013|1449|1450)$", "dataflow violation"),
    (r"HLS 200-(87[58]|88[0-5])$", "II violation"),
    (r"HLS 200-(871|886|1015|1016)$", "timing"),
    (r"HLS 200-(656|742|805|1018|1020)$", "cosim deadlock"),
    (r"HLS 214-(10\d|11\d|169|475)$", "dataflow violation"),
    (r"HLS 214-(129|13\d|194|195)$", "unsynthesizable construct"),
)
