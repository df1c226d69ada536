# What both sets of stand-in commands use. A STAND-IN: nothing here is the vendor's; it only checks how the vendor's commands are called.
namespace eval standin {
  variable facts [dict create]
}

# Anything that is neither Tcl nor declared here is refused; the real tools do the same.
rename unknown standin::tcl_unknown
proc unknown {name args} {
  error "STAND-IN: invalid command name \"$name\""
}

# Check the arguments of a command: options with the number of their values (0 or 1), then how many words may follow.
# Returns a dict of option to value, with the other words under "".
proc standin::arguments {command words options least most} {
  set found [dict create "" {}]
  for {set i 0} {$i < [llength $words]} {incr i} {
    set word [lindex $words $i]
    if {[string match -* $word] && ![string is double -strict $word]} {
      if {![dict exists $options $word]} { error "STAND-IN: $command: unknown option $word" }
      if {[dict get $options $word]} {
        incr i
        if {$i >= [llength $words]} { error "STAND-IN: $command: $word needs a value" }
        dict set found $word [lindex $words $i]
      } else {
        dict set found $word 1
      }
    } else {
      dict lappend found "" $word
    }
  }
  set count [llength [dict get $found ""]]
  if {$count < $least || $count > $most} { error "STAND-IN: $command: $count words; must be $least to $most" }
  return $found
}

proc standin::need {fact command} {
  variable facts
  if {![dict exists $facts $fact]} { error "STAND-IN: $command: there is no $fact yet" }
  return [dict get $facts $fact]
}

proc standin::know {fact value} {
  variable facts
  dict set facts $fact $value
}

proc standin::add {fact value} {
  variable facts
  dict lappend facts $fact $value
}

proc standin::get {fact} {
  variable facts
  return [expr {[dict exists $facts $fact] ? [dict get $facts $fact] : {}}]
}

proc standin::write {path text} {
  file mkdir [file dirname $path]
  set channel [open $path w]
  puts -nonewline $channel $text
  close $channel
}
