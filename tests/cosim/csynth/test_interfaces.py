"""Every protocol of an IP top: RTL = interpreter, at full rate, under random stalls, behind a memory that takes one read at a time."""

import pytest
from cosim.csynth.ip import Stimulus, build, check, expect, simulate
from unit.csynth.frontend.cases import HEAD, words

from aigchip.core import paths
from aigchip.space import derive, files
from aigchip.template import module as template
from aigchip.template import top

POINTERS = (
    HEAD
    + """
int f(const int *a, int *b, int n, int &out) {
#pragma HLS interface m_axi port=a offset=slave bundle=g
#pragma HLS interface m_axi port=b offset=slave bundle=g max_write_burst_length=8
#pragma HLS interface s_axilite port=n
#pragma HLS interface s_axilite port=out
#pragma HLS interface s_axilite port=return
  int s = 0;
  LOOP: for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    s += a[i + 3];
    b[i] = s;
  }
  out += s;
  for (int i = 0; i < 5; i++) b[100 + 2 * i] += i + a[i];
  return b[100];
}
"""
)
BUNDLES = (
    HEAD
    + """
void f(const ap_uint<512> *wide, unsigned char *narrow, const ap_int<24> *odd, long long k, ap_uint<40> &total) {
#pragma HLS interface m_axi port=wide offset=direct bundle=w
#pragma HLS interface m_axi port=narrow offset=off bundle=n
#pragma HLS interface m_axi port=odd bundle=o
#pragma HLS interface s_axilite port=odd bundle=args
#pragma HLS interface s_axilite port=k bundle=args
#pragma HLS interface s_axilite port=total bundle=args
#pragma HLS interface ap_ctrl_chain port=return
#pragma HLS interface s_axilite port=return
  ap_uint<40> sum = k;
  for (int i = 0; i < 70; i++) {
#pragma HLS pipeline
    ap_uint<512> w = wide[i];
    narrow[i] = w(15, 8) + narrow[200];
    sum += w(7, 0) * odd[i];
  }
  total = sum;
}
"""
)
SIGNALS = (
    HEAD
    + """
#include "ap_axi_sdata.h"
typedef ap_axiu<16, 3, 0, 2> Word;
const int N = 16;
int f(hls::stream<Word>& in, hls::stream<ap_uint<9> >& more, hls::stream<Word>& out, hls::stream<int>& last, int table[N], const ap_uint<7> t2[2][N],
      int one[4], int x, int v, int w, int &acc, int *y, int &z, int &only) {
#pragma HLS interface ap_hs port=x
#pragma HLS interface ap_vld port=v
#pragma HLS interface ap_ack port=w
#pragma HLS interface ap_hs port=y
#pragma HLS interface ap_ack port=z
#pragma HLS interface ap_none port=only
#pragma HLS interface ap_fifo port=more
#pragma HLS interface ap_fifo port=last
#pragma HLS interface ap_memory port=one storage_type=ram_1p
#pragma HLS interface ap_ctrl_chain port=return
  for (int i = 0; i < N; i++) {
#pragma HLS pipeline
    Word word = in.read();
    word.data += table[i] + t2[1][i];
    word.user = word.user + 1;
    word.last = i == N - 1;
    out.write(word);
    table[i] = word.data * x + more.read();
  }
  for (int i = 0; i < 4; i++) {
#pragma HLS pipeline
    one[i] = one[i] * v + w;
  }
  acc += table[3];
  *y = acc + 1;
  z = one[2];
  only = one[3];
  last.write(one[1]);
  return acc;
}
"""
)
FREE = (
    HEAD
    + """
void f(hls::stream<int>& in, hls::stream<int>& out, int add) {
#pragma HLS interface ap_ctrl_none port=return
#pragma HLS interface s_axilite port=add
#pragma HLS interface ap_hs port=out
  int v = in.read();
  out.write(v + add);
}
"""
)


def image(seed, count, width):
    return words(seed, count, width)


def pointers(n):
    return Stimulus(scalars={"a": 64, "b": 1088, "n": n, "out_i": 5}, images={"g": image(n, 700, 32)})


def test_pointers_and_registers(tmp_path):
    program, results, _ = check(POINTERS, "f", [pointers(90), pointers(0), pointers(1)], tmp_path)
    bursts = results[0]["calls"][0]["bursts"]["g"]
    assert [beats for kind, _, beats in bursts if kind == "AW"][:12] == [8] * 11 + [2], (
        "one request, cut at max_write_burst_length"
    )
    assert max(beats for kind, _, beats in bursts if kind == "AR") == 16, "one request, cut at the default of 16"
    notes = program.function("f").notes
    assert any("reads of b are transfers of one word: the loop both reads and writes it" in note for note in notes)


def test_bundles_of_every_width(tmp_path):
    stimulus = Stimulus(
        scalars={"wide": 128, "odd": 4096 - 20, "k": (1 << 40) + 77, "narrow": 0},
        images={"w": image(1, 100, 512), "n": image(2, 256, 8), "o": image(3, 1200, 32)},
    )
    check(BUNDLES, "f", [stimulus, stimulus], tmp_path)


def test_signals_and_memories(tmp_path):
    stimuli = [
        Stimulus(
            streams={
                "in": words(k, 16, 26),
                "more": words(k + 1, 16, 9),
                "x": words(k + 2, 1, 32),
                "v": [k + 3],
                "w": [k + 70],
            },
            scalars={"acc_i": 12 * k},
            memories={"table": words(k + 3, 16, 32), "t2": words(k + 4, 32, 7), "one": words(k + 5, 4, 32)},
        )
        for k in (1, 20)
    ]
    check(SIGNALS, "f", stimuli, tmp_path)


def test_a_block_without_control(tmp_path):
    check(FREE, "f", [Stimulus(streams={"in": [4]}, scalars={"add": 9})], tmp_path, runs=(("full rate", 0.0, False),))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "right", "wrong", "fault"),
    [
        (
            "csynth_maxi",
            "(32'd4096 - {20'd0, address[11:0]})",
            "(32'd8192 - {20'd0, address[11:0]})",
            "a burst crosses 4 KiB",
        ),
        ("csynth_maxi", "m_axi_WLAST = w_left == 9'd1", "m_axi_WLAST = w_left == 9'd2", "LAST is at the wrong word"),
        (
            "csynth_maxi",
            "if (ar_valid && m_axi_ARREADY) ar_valid <= 1'd0;",
            "ar_valid <= 1'd0;",
            "m_axi_g_AR: VALID was withdrawn before READY",
        ),
        (
            "csynth_maxi",
            "if (ar_valid && m_axi_ARREADY) ar_valid <= 1'd0;",
            "if (ar_valid && m_axi_ARREADY) ar_valid <= 1'd0; else if (ar_valid) ar_part_address[3] <= !ar_part_address[3];",
            "m_axi_g_AR: the word changed before READY",
        ),
        (
            "csynth_maxi",
            "m_axi_WVALID = W_TVALID && (|w_left)",
            "m_axi_WVALID = W_TVALID && (|w_left) && !m_axi_ARREADY",
            "m_axi_g_W: VALID was withdrawn before READY",
        ),
        (
            "f_control_s_axi",
            "assign s_axi_RVALID = read_valid;",
            "reg late; always @(posedge ap_clk) late <= read_valid && !s_axi_RREADY; assign s_axi_RVALID = read_valid && (!late || s_axi_RREADY);",
            "s_axi_control_R: VALID was withdrawn before READY",
        ),
    ],
)
def test_a_checker_sees_a_wrong_design(tmp_path, module, right, wrong, fault):
    stimuli = [
        Stimulus(scalars={"a": 4000, "b": 8150 // 4 * 4, "n": 60, "out_i": 5}, images={"g": image(1, 3000, 32)})
    ] * 3
    faults = faults_when(POINTERS, stimuli, tmp_path, (module, right, wrong))
    assert any(fault in found for found in faults), faults


STREAMS = (
    HEAD
    + """
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS interface ap_ctrl_chain port=return
  for (int i = 0; i < 8; i++) {
#pragma HLS pipeline
    out.write(in.read());
  }
}
"""
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "right", "wrong", "fault"),
    [
        (
            "f",
            "else if (out_TREADY) out_pending <= 1'd0;",
            "else out_pending <= 1'd0;",
            "out: VALID was withdrawn before READY",
        ),
        (
            "f_ip",
            "else if (core_done && !ap_continue) held_done <= held_done + 1'd1;",
            "else if (1'd0) held_done <= 1'd1;",
            "ap_ctrl: ap_done fell before ap_continue",
        ),
        ("f_ip", "core_idle && held_done", "core_idle || held_done", "ap_ctrl: ap_done while ap_idle"),
    ],
)
def test_a_checker_sees_a_wrong_stream_or_control(tmp_path, module, right, wrong, fault):
    faults = faults_when(STREAMS, [Stimulus(streams={"in": list(range(8))})] * 2, tmp_path, (module, right, wrong))
    assert any(fault in found for found in faults), faults


def faults_when(source, stimuli, folder, change_of):
    module, right, wrong = change_of

    def change(name, text):
        assert name != module or right in text, text
        return text.replace(right, wrong) if name == module else text

    program, model = build(source, "f", folder, change)
    outcomes = expect(program, stimuli)
    *_, faults = simulate(program, model, stimuli, folder, runs=(("random stalls", 0.5, False),), outcomes=outcomes)
    return faults


def test_an_error_answer_shows_at_the_port(tmp_path):
    program, model = build(POINTERS, "f", tmp_path)
    good = pointers(3)
    stimuli = [Stimulus(scalars=good.scalars, images=good.images, bad={"g": [64]})]
    _, _, runs, _ = simulate(
        program, model, stimuli, tmp_path, runs=(("full rate", 0.0, False),), outcomes=expect(program, stimuli)
    )
    assert runs[0]["calls"][0]["errors"] == {"g": 1}


AHEAD = (
    HEAD
    + """
void f(hls::burst_maxi<ap_uint<32> > m, hls::stream<ap_uint<32> >& out, int word) {
#pragma HLS interface m_axi port=m offset=direct
#pragma HLS interface s_axilite port=word
#pragma HLS interface s_axilite port=return
  m.read_request(0, 4);
  for (int t = 0; t < word; t++) {
#pragma HLS pipeline
    if (t % 4 == 0 && t + 4 < word) m.read_request(t + 4, 4);
    out.write(m.read());
  }
}
"""
)


def test_requests_ahead_of_a_memory_that_takes_one_read_at_a_time(tmp_path):
    """Each request is made while the words of the one before are still to come: without the adapter's FIFO RREADY would wait for ARREADY."""
    stimulus = Stimulus(scalars={"word": 40, "m": 0}, images={"m": image(4, 64, 32)})
    check(AHEAD, "f", [stimulus], tmp_path)


def load_a():
    """The template's load_a with 16 bursts ahead, behind an AXI4 port, and a command for 300 words: 18 bursts and 12 words."""
    design = files.load(paths.designs_dir() / "square8" / "design.yaml")
    assert derive.local_parameters(design)["load_a"] == {"word_bytes": 8, "burst_words": 16, "outstanding_bursts": 16}
    source = top.unit("load_a", top.expert_codes(design))
    port = "#pragma HLS interface m_axi port=gmem_a offset=direct\n#pragma HLS interface s_axilite port=return\n"
    source = source.replace("{  // [1]\n", "{\n" + port)
    assert port in source
    words, address = 300, 5
    command = words << 2 | address << 34
    stimulus = Stimulus(streams={"commands": [command, 1]}, scalars={"gmem_a": 0}, images={"gmem_a": image(6, 400, 64)})
    return source, stimulus


def test_load_a_behind_a_memory_that_takes_one_read_at_a_time(tmp_path):
    """It asks for 16 bursts before it takes the first word."""
    source, stimulus = load_a()
    _, _, outcomes = check(source, "load_a", [stimulus], tmp_path, include_dirs=[template.include_dir()])
    words_of_memory = stimulus.images["gmem_a"]
    assert outcomes[0].streams["words"] == words_of_memory[5:305]


@pytest.mark.slow
def test_load_a_stops_where_the_master_takes_fewer_requests_than_it_makes_ahead(tmp_path):
    def change(name, text):
        assert name != "load_a_ip" or ".READS(16)" in text, text
        return text.replace(".READS(16)", ".READS(2)")

    source, stimulus = load_a()
    program, model = build(source, "load_a", tmp_path, change, include_dirs=[template.include_dir()])
    outcomes, runs = expect(program, [stimulus]), (("one read at a time", 0.0, True),)
    _, _, results, _ = simulate(program, model, [stimulus], tmp_path, runs=runs, outcomes=outcomes)
    assert results[0]["calls"][0]["deadlock"]
