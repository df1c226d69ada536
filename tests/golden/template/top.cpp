#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

void ctrl(ap_uint<32> m, ap_uint<32> k, ap_uint<32> n, ap_uint<32> multiplier, ap_uint<32> shift, ap_uint<32> relu, ap_uint<32> bias_offset, hls::stream<ap_uint<104> >& load_a_commands, hls::stream<ap_uint<104> >& load_b_commands, hls::stream<ap_uint<32> >& arbiter_a_commands, hls::stream<ap_uint<32> >& arbiter_b_commands, hls::stream<ap_uint<88> >& buffer_a_commands, hls::stream<ap_uint<88> >& buffer_b_commands, hls::stream<ap_uint<40> >& interconnect_commands, hls::stream<ap_uint<40> >& pe_array_commands, hls::stream<ap_uint<88> >& buffer_c_commands, hls::stream<ap_uint<72> >& post_commands, hls::stream<ap_uint<112> >& store_c_commands);
void load_a(hls::stream<ap_uint<104> >& commands, hls::burst_maxi<ap_uint<64> > gmem_a, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& bias_words);
void load_b(hls::stream<ap_uint<104> >& commands, hls::burst_maxi<ap_uint<64> > gmem_b, hls::stream<ap_uint<64> >& words);
void arbiter_a(hls::stream<ap_uint<32> >& commands, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& bank_words);
void arbiter_b(hls::stream<ap_uint<32> >& commands, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& bank_words);
void buffer_a(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<64> >& bank_words, hls::stream<ap_uint<64> >& pieces);
void buffer_b(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<64> >& bank_words, hls::stream<ap_uint<64> >& pieces);
void interconnect(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<64> >& a_pieces, hls::stream<ap_uint<64> >& b_pieces, hls::stream<ap_uint<64> >& a_words, hls::stream<ap_uint<64> >& b_words);
void pe_array(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<64> >& a_words, hls::stream<ap_uint<64> >& b_words, hls::stream<ap_uint<2048> >& results);
void buffer_c(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<2048> >& results, hls::stream<ap_uint<256> >& sums);
void post(hls::stream<ap_uint<72> >& commands, hls::stream<ap_uint<64> >& bias_words, hls::stream<ap_uint<256> >& sums, hls::stream<ap_uint<64> >& outputs);
void store_c(hls::stream<ap_uint<112> >& commands, hls::stream<ap_uint<64> >& outputs, hls::burst_maxi<ap_uint<64> > gmem_c);

// The assembled accelerator: C[m, n] = requantised (A[m, k] x B[k, n] + bias[m]). Assembled from the template, not generated.
void accelerator(ap_uint<32> m, ap_uint<32> k, ap_uint<32> n, ap_uint<32> multiplier, ap_uint<32> shift, ap_uint<32> relu, ap_uint<32> bias_offset, hls::burst_maxi<ap_uint<64> > gmem_a, hls::burst_maxi<ap_uint<64> > gmem_b, hls::burst_maxi<ap_uint<64> > gmem_c) {
#pragma HLS interface mode=s_axilite port=return bundle=control
#pragma HLS interface mode=s_axilite port=m bundle=control
#pragma HLS interface mode=s_axilite port=k bundle=control
#pragma HLS interface mode=s_axilite port=n bundle=control
#pragma HLS interface mode=s_axilite port=multiplier bundle=control
#pragma HLS interface mode=s_axilite port=shift bundle=control
#pragma HLS interface mode=s_axilite port=relu bundle=control
#pragma HLS interface mode=s_axilite port=bias_offset bundle=control
#pragma HLS interface mode=s_axilite port=gmem_a bundle=control
#pragma HLS interface mode=m_axi port=gmem_a bundle=gmem_a offset=slave
#pragma HLS interface mode=s_axilite port=gmem_b bundle=control
#pragma HLS interface mode=m_axi port=gmem_b bundle=gmem_b offset=slave
#pragma HLS interface mode=s_axilite port=gmem_c bundle=control
#pragma HLS interface mode=m_axi port=gmem_c bundle=gmem_c offset=slave
#pragma HLS dataflow
  hls::stream<ap_uint<104> > load_a_commands("load_a_commands");
#pragma HLS stream variable=load_a_commands depth=4
  hls::stream<ap_uint<104> > load_b_commands("load_b_commands");
#pragma HLS stream variable=load_b_commands depth=4
  hls::stream<ap_uint<32> > arbiter_a_commands("arbiter_a_commands");
#pragma HLS stream variable=arbiter_a_commands depth=4
  hls::stream<ap_uint<32> > arbiter_b_commands("arbiter_b_commands");
#pragma HLS stream variable=arbiter_b_commands depth=4
  hls::stream<ap_uint<88> > buffer_a_commands("buffer_a_commands");
#pragma HLS stream variable=buffer_a_commands depth=4
  hls::stream<ap_uint<88> > buffer_b_commands("buffer_b_commands");
#pragma HLS stream variable=buffer_b_commands depth=4
  hls::stream<ap_uint<40> > interconnect_commands("interconnect_commands");
#pragma HLS stream variable=interconnect_commands depth=4
  hls::stream<ap_uint<40> > pe_array_commands("pe_array_commands");
#pragma HLS stream variable=pe_array_commands depth=4
  hls::stream<ap_uint<88> > buffer_c_commands("buffer_c_commands");
#pragma HLS stream variable=buffer_c_commands depth=4
  hls::stream<ap_uint<72> > post_commands("post_commands");
#pragma HLS stream variable=post_commands depth=4
  hls::stream<ap_uint<112> > store_c_commands("store_c_commands");
#pragma HLS stream variable=store_c_commands depth=4
  hls::stream<ap_uint<64> > words_a("words_a");
#pragma HLS stream variable=words_a depth=32
  hls::stream<ap_uint<64> > words_b("words_b");
#pragma HLS stream variable=words_b depth=32
  hls::stream<ap_uint<64> > bias_words("bias_words");
#pragma HLS stream variable=bias_words depth=32
  hls::stream<ap_uint<64> > bank_words_a("bank_words_a");
#pragma HLS stream variable=bank_words_a depth=8
  hls::stream<ap_uint<64> > bank_words_b("bank_words_b");
#pragma HLS stream variable=bank_words_b depth=8
  hls::stream<ap_uint<64> > pieces_a("pieces_a");
#pragma HLS stream variable=pieces_a depth=8
  hls::stream<ap_uint<64> > pieces_b("pieces_b");
#pragma HLS stream variable=pieces_b depth=8
  hls::stream<ap_uint<64> > array_words_a("array_words_a");
#pragma HLS stream variable=array_words_a depth=4
  hls::stream<ap_uint<64> > array_words_b("array_words_b");
#pragma HLS stream variable=array_words_b depth=4
  hls::stream<ap_uint<2048> > results("results");
#pragma HLS stream variable=results depth=2
  hls::stream<ap_uint<256> > sums("sums");
#pragma HLS stream variable=sums depth=8
  hls::stream<ap_uint<64> > outputs("outputs");
#pragma HLS stream variable=outputs depth=8

  ctrl(m, k, n, multiplier, shift, relu, bias_offset, load_a_commands, load_b_commands, arbiter_a_commands, arbiter_b_commands, buffer_a_commands, buffer_b_commands, interconnect_commands, pe_array_commands, buffer_c_commands, post_commands, store_c_commands);
  load_a(load_a_commands, gmem_a, words_a, bias_words);
  load_b(load_b_commands, gmem_b, words_b);
  arbiter_a(arbiter_a_commands, words_a, bank_words_a);
  arbiter_b(arbiter_b_commands, words_b, bank_words_b);
  buffer_a(buffer_a_commands, bank_words_a, pieces_a);
  buffer_b(buffer_b_commands, bank_words_b, pieces_b);
  interconnect(interconnect_commands, pieces_a, pieces_b, array_words_a, array_words_b);
  pe_array(pe_array_commands, array_words_a, array_words_b, results);
  buffer_c(buffer_c_commands, results, sums);
  post(post_commands, bias_words, sums, outputs);
  store_c(store_c_commands, outputs, gmem_c);
}
