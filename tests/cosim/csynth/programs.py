"""Programs in IR text, for what the C++ cases do not reach: each with its streams and scalars."""

PROGRAMS: dict[str, tuple[str, dict[str, list[int]], dict[str, int]]] = {}

PROGRAMS["divisions"] = (
    """program top=divisions
function divisions
  port n scalar_in width=8 interface=default
  port a stream_in width=12 interface=axis
  port b stream_in width=12 interface=axis
  port out stream_out width=48 interface=axis
  loop main header=body blocks=body pipeline=1 trips=1..64
  block entry
    %n:8 = scalar n id=0
    jump body
  block body
    %i:8 = phi [entry #0:8] [body %i1:8]
    %x:12 = read a id=1
    %y:12 = read b id=2
    %q:12 = udiv %x:12 %y:12 id=3
    %r:12 = urem %x:12 %y:12 id=4
    %sq:12 = sdiv %x:12 %y:12 id=5
    %sr:12 = srem %x:12 %y:12 id=6
    %w:48 = concat %q:12 %r:12 %sq:12 %sr:12 id=7
    write out %w:48 id=8
    %i1:8 = add %i:8 #1:8 id=9
    %c:1 = ult %i1:8 %n:8 id=10
    branch %c:1 body done
  block done
    %last:12 = sdiv %sr:12 #3:12 id=11
    %wide:48 = sext %last:12 id=12
    write out %wide:48 id=13
    return
""",
    {"a": [0, 1, 4095, 2048, 2047, 100, 3000, 7, 5], "b": [3, 0, 4095, 4095, 1, 4090, 7, 2048, 9]},
    {"n": 9},
)

# a histogram: read, change and write one word, at a distance that the address does not show
PROGRAMS["histogram"] = (
    """program top=histogram
function histogram
  port n scalar_in width=16 interface=default
  port in stream_in width=3 interface=axis
  port out stream_out width=16 interface=axis
  memory bins array=bins width=16 depth=8 storage=auto
  loop count header=body blocks=body pipeline=1 trips=1..64
    dependence 3->5 distance=0 kind=memory
    dependence 5->3 distance=1 kind=memory
    dependence 5->5 distance=1 kind=memory
  loop clear header=zero blocks=zero trips=8..8
  loop show header=dump blocks=dump pipeline=1 trips=8..8
  block entry
    %n:16 = scalar n id=0
    jump zero
  block zero
    %z:4 = phi [entry #0:4] [zero %z1:4]
    %za:3 = trunc %z:4 id=20
    store bins %za:3 #0:16 id=21
    %z1:4 = add %z:4 #1:4 id=22
    %zc:1 = ult %z1:4 #8:4 id=23
    branch %zc:1 zero body
  block body
    %i:16 = phi [zero #0:16] [body %i1:16]
    %x:3 = read in id=1
    %old:16 = load bins %x:3 id=3
    %new:16 = add %old:16 #1:16 id=4
    store bins %x:3 %new:16 id=5
    %i1:16 = add %i:16 #1:16 id=6
    %c:1 = ult %i1:16 %n:16 id=7
    branch %c:1 body dump
  block dump
    %j:4 = phi [body #0:4] [dump %j1:4]
    %ja:3 = trunc %j:4 id=8
    %v:16 = load bins %ja:3 id=9
    write out %v:16 id=10
    %j1:4 = add %j:4 #1:4 id=11
    %jc:1 = ult %j1:4 #8:4 id=12
    branch %jc:1 dump done
  block done
    return
""",
    {"in": [1, 1, 1, 7, 0, 7, 3, 3, 1, 1, 2, 2, 2, 2, 5]},
    {"n": 15},
)

# four reads of one port in an iteration (II 4), a shift register of loop-carried values, a late recurrence
PROGRAMS["shared_port"] = (
    """program top=shared
function shared
  port n scalar_in width=16 interface=default
  port in stream_in width=8 interface=axis
  port out stream_out width=40 interface=axis
  port side stream_out width=8 interface=axis
  memory table array=table width=8 depth=32 storage=auto
  loop fill header=fill blocks=fill pipeline=1 trips=32..32
  loop main header=body blocks=body pipeline=1 trips=1..64
  block entry
    %n:16 = scalar n id=0
    jump fill
  block fill
    %f:6 = phi [entry #0:6] [fill %f1:6]
    %fa:5 = trunc %f:6 id=30
    %f8:8 = zext %f:6 id=31
    %sq:8 = mul %f8:8 %f8:8 id=32
    store table %fa:5 %sq:8 id=33
    %f1:6 = add %f:6 #1:6 id=34
    %fc:1 = ult %f1:6 #32:6 id=35
    branch %fc:1 fill body
  block body
    %i:16 = phi [fill #0:16] [body %i1:16]
    %p1:8 = phi [fill #1:8] [body %x:8]
    %p2:8 = phi [fill #2:8] [body %p1:8]
    %p3:8 = phi [fill #3:8] [body %p2:8]
    %acc:32 = phi [fill #5:32] [body %acc2:32]
    %x:8 = read in id=1
    %a0:5 = trunc %x:8 id=2
    %a1:5 = trunc %p1:8 id=3
    %a2:5 = trunc %p2:8 id=4
    %a3:5 = trunc %p3:8 id=5
    %v0:8 = load table %a0:5 id=6
    %v1:8 = load table %a1:5 id=7
    %v2:8 = load table %a2:5 id=8
    %v3:8 = load table %a3:5 id=9
    %s0:8 = add %v0:8 %v1:8 id=10
    %s1:8 = xor %v2:8 %v3:8 id=11
    %m:32 = smul %s0:8 %s1:8 id=12
    %acc1:32 = add %acc:32 %m:32 id=13
    %acc2:32 = mul %acc1:32 #3:32 id=14
    %odd:1 = trunc %x:8 id=15
    write side %v3:8 if=%odd:1 id=16
    %w:40 = concat %s0:8 %acc2:32 id=17
    write out %w:40 id=18
    %i1:16 = add %i:16 #1:16 id=19
    %c:1 = ult %i1:16 %n:16 id=20
    branch %c:1 body done
  block done
    %tail:40 = concat %p3:8 %acc:32 id=21
    write out %tail:40 id=22
    %tail2:40 = concat %p1:8 %acc2:32 id=23
    write out %tail2:40 id=24
    return
""",
    {"in": [3, 200, 17, 31, 64, 255, 1, 9, 77, 130, 12]},
    {"n": 11},
)

# a call with a returned value, states that wait on several streams, exclusive writes to one stream
PROGRAMS["calls"] = (
    """program top=calls
function inner
  port k scalar_in width=8 interface=default
  port s stream_in width=8 interface=default
  port t stream_out width=8 interface=default
  port ap_return scalar_out width=8 interface=default
  loop main header=body blocks=body pipeline=1 trips=1..64
  block entry
    %k:8 = scalar k id=0
    jump body
  block body
    %i:8 = phi [entry #0:8] [body %i1:8]
    %sum:8 = phi [entry #0:8] [body %sum1:8]
    %x:8 = read s id=1
    %sum1:8 = add %sum:8 %x:8 id=2
    %big:1 = ugt %x:8 #100:8 id=3
    %small:1 = xor %big:1 #1:1 id=4
    write t %sum1:8 if=%big:1 id=5
    write t %x:8 if=%small:1 id=6
    %i1:8 = add %i:8 #1:8 id=7
    %c:1 = ult %i1:8 %k:8 id=8
    branch %c:1 body done
  block done
    set ap_return %sum1:8 id=9
    return
function calls
  port in stream_in width=8 interface=axis
  port out stream_out width=8 interface=axis
  port ap_return scalar_out width=8 interface=default
  loop outer header=head blocks=head trips=3..3
  block entry
    jump head
  block head
    %r:8 = phi [entry #0:8] [head %r1:8]
    %total:8 = phi [entry #0:8] [head %total1:8]
    %k:8 = read in id=1
    write out %k:8 id=2
    %got:8 = call inner %k:8 bind=s:=in bind=t:=out id=3
    write out %got:8 id=4
    %total1:8 = add %total:8 %got:8 id=5
    %r1:8 = add %r:8 #1:8 id=6
    %c:1 = ult %r1:8 #3:8 id=7
    branch %c:1 head done
  block done
    set ap_return %total1:8 id=8
    return
""",
    {"in": [2, 5, 200, 1, 101, 4, 9, 8, 150, 160]},
    {},
)
