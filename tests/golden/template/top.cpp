#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

void ctrl(ap_uint<32> m_subtiles, ap_uint<32> tile_m, ap_uint<32> out_rows, ap_uint<32> out_columns, ap_uint<32> tile_rows, ap_uint<32> tile_columns, ap_uint<32> k_groups, ap_uint<32> tile_k, ap_uint<32> kernel_rows, ap_uint<32> kernel_columns, ap_uint<32> dilation, ap_uint<32> stride, ap_uint<32> row_step, ap_uint<32> row_stride, ap_uint<32> row_phases, ap_uint<32> column_phases, ap_uint<32> span_rows, ap_uint<32> span_columns, ap_uint<32> pad_top, ap_uint<32> pad_left, ap_uint<32> in_rows, ap_uint<32> in_columns, ap_uint<32> in_pitch, ap_uint<32> in_plane, ap_uint<32> out_plane, ap_uint<32> grouped, ap_uint<32> share_m, ap_uint<32> share_k, ap_uint<32> window, ap_uint<32> pitch, ap_uint<32> plane, ap_uint<32> step_positions, ap_uint<32> a_address, ap_uint<32> a_tile_words, ap_uint<32> p_address, ap_uint<32> p_tile_words, ap_uint<32> b_address, ap_uint<32> c_address, ap_uint<32> padding, ap_uint<32> zero_point, ap_uint<32> low, ap_uint<32> high, ap_uint<32> group, hls::stream<ap_uint<72> >& load_a_commands, hls::stream<ap_uint<40> >& arbiter_a_commands, hls::stream<ap_uint<248> >& load_b_commands, hls::stream<ap_uint<40> >& arbiter_b_commands, hls::stream<ap_uint<88> >& buffer_a_commands, hls::stream<ap_uint<336> >& buffer_b_commands, hls::stream<ap_uint<48> >& interconnect_commands, hls::stream<ap_uint<48> >& pe_array_commands, hls::stream<ap_uint<88> >& buffer_c_commands, hls::stream<ap_uint<80> >& post_commands, hls::stream<ap_uint<152> >& store_c_commands);
void load_a(hls::stream<ap_uint<72> >& commands, hls::burst_maxi<ap_uint<64> > gmem_a, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& param_words);
void load_b(hls::stream<ap_uint<248> >& commands, hls::burst_maxi<ap_uint<64> > gmem_b, hls::stream<ap_uint<64> >& words);
void arbiter_a(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& pieces);
void arbiter_b(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<64> >& pieces);
void buffer_a(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<64> >& pieces_in, hls::stream<ap_uint<64> >& pieces_out);
void buffer_b(hls::stream<ap_uint<336> >& commands, hls::stream<ap_uint<64> >& pieces_in, hls::stream<ap_uint<64> >& pieces_out);
void interconnect(hls::stream<ap_uint<48> >& commands, hls::stream<ap_uint<64> >& a_pieces, hls::stream<ap_uint<64> >& b_pieces, hls::stream<ap_uint<64> >& a_words, hls::stream<ap_uint<64> >& b_words);
void pe_array(hls::stream<ap_uint<48> >& commands, hls::stream<ap_uint<64> >& a_words, hls::stream<ap_uint<64> >& b_words, hls::stream<ap_uint<1024> >& results);
void buffer_c(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<1024> >& results, hls::stream<ap_uint<128> >& sums);
void post(hls::stream<ap_uint<80> >& commands, hls::stream<ap_uint<64> >& param_words, hls::stream<ap_uint<128> >& sums, hls::stream<ap_uint<32> >& outputs);
void store_c(hls::stream<ap_uint<152> >& commands, hls::stream<ap_uint<32> >& outputs, hls::burst_maxi<ap_uint<64> > gmem_c);

// The assembled accelerator: it does one layer, which ctrl's arguments describe. Assembled from the template, not generated.
void accelerator(ap_uint<32> m_subtiles, ap_uint<32> tile_m, ap_uint<32> out_rows, ap_uint<32> out_columns, ap_uint<32> tile_rows, ap_uint<32> tile_columns, ap_uint<32> k_groups, ap_uint<32> tile_k, ap_uint<32> kernel_rows, ap_uint<32> kernel_columns, ap_uint<32> dilation, ap_uint<32> stride, ap_uint<32> row_step, ap_uint<32> row_stride, ap_uint<32> row_phases, ap_uint<32> column_phases, ap_uint<32> span_rows, ap_uint<32> span_columns, ap_uint<32> pad_top, ap_uint<32> pad_left, ap_uint<32> in_rows, ap_uint<32> in_columns, ap_uint<32> in_pitch, ap_uint<32> in_plane, ap_uint<32> out_plane, ap_uint<32> grouped, ap_uint<32> share_m, ap_uint<32> share_k, ap_uint<32> window, ap_uint<32> pitch, ap_uint<32> plane, ap_uint<32> step_positions, ap_uint<32> a_address, ap_uint<32> a_tile_words, ap_uint<32> p_address, ap_uint<32> p_tile_words, ap_uint<32> b_address, ap_uint<32> c_address, ap_uint<32> padding, ap_uint<32> zero_point, ap_uint<32> low, ap_uint<32> high, ap_uint<32> group, hls::burst_maxi<ap_uint<64> > gmem_a, hls::burst_maxi<ap_uint<64> > gmem_b, hls::burst_maxi<ap_uint<64> > gmem_c) {
#pragma HLS interface mode=s_axilite port=return bundle=control
#pragma HLS interface mode=s_axilite port=m_subtiles bundle=control
#pragma HLS interface mode=s_axilite port=tile_m bundle=control
#pragma HLS interface mode=s_axilite port=out_rows bundle=control
#pragma HLS interface mode=s_axilite port=out_columns bundle=control
#pragma HLS interface mode=s_axilite port=tile_rows bundle=control
#pragma HLS interface mode=s_axilite port=tile_columns bundle=control
#pragma HLS interface mode=s_axilite port=k_groups bundle=control
#pragma HLS interface mode=s_axilite port=tile_k bundle=control
#pragma HLS interface mode=s_axilite port=kernel_rows bundle=control
#pragma HLS interface mode=s_axilite port=kernel_columns bundle=control
#pragma HLS interface mode=s_axilite port=dilation bundle=control
#pragma HLS interface mode=s_axilite port=stride bundle=control
#pragma HLS interface mode=s_axilite port=row_step bundle=control
#pragma HLS interface mode=s_axilite port=row_stride bundle=control
#pragma HLS interface mode=s_axilite port=row_phases bundle=control
#pragma HLS interface mode=s_axilite port=column_phases bundle=control
#pragma HLS interface mode=s_axilite port=span_rows bundle=control
#pragma HLS interface mode=s_axilite port=span_columns bundle=control
#pragma HLS interface mode=s_axilite port=pad_top bundle=control
#pragma HLS interface mode=s_axilite port=pad_left bundle=control
#pragma HLS interface mode=s_axilite port=in_rows bundle=control
#pragma HLS interface mode=s_axilite port=in_columns bundle=control
#pragma HLS interface mode=s_axilite port=in_pitch bundle=control
#pragma HLS interface mode=s_axilite port=in_plane bundle=control
#pragma HLS interface mode=s_axilite port=out_plane bundle=control
#pragma HLS interface mode=s_axilite port=grouped bundle=control
#pragma HLS interface mode=s_axilite port=share_m bundle=control
#pragma HLS interface mode=s_axilite port=share_k bundle=control
#pragma HLS interface mode=s_axilite port=window bundle=control
#pragma HLS interface mode=s_axilite port=pitch bundle=control
#pragma HLS interface mode=s_axilite port=plane bundle=control
#pragma HLS interface mode=s_axilite port=step_positions bundle=control
#pragma HLS interface mode=s_axilite port=a_address bundle=control
#pragma HLS interface mode=s_axilite port=a_tile_words bundle=control
#pragma HLS interface mode=s_axilite port=p_address bundle=control
#pragma HLS interface mode=s_axilite port=p_tile_words bundle=control
#pragma HLS interface mode=s_axilite port=b_address bundle=control
#pragma HLS interface mode=s_axilite port=c_address bundle=control
#pragma HLS interface mode=s_axilite port=padding bundle=control
#pragma HLS interface mode=s_axilite port=zero_point bundle=control
#pragma HLS interface mode=s_axilite port=low bundle=control
#pragma HLS interface mode=s_axilite port=high bundle=control
#pragma HLS interface mode=s_axilite port=group bundle=control
#pragma HLS interface mode=s_axilite port=gmem_a bundle=control
#pragma HLS interface mode=m_axi port=gmem_a bundle=gmem_a offset=slave
#pragma HLS interface mode=s_axilite port=gmem_b bundle=control
#pragma HLS interface mode=m_axi port=gmem_b bundle=gmem_b offset=slave
#pragma HLS interface mode=s_axilite port=gmem_c bundle=control
#pragma HLS interface mode=m_axi port=gmem_c bundle=gmem_c offset=slave
#pragma HLS dataflow
  hls::stream<ap_uint<72> > load_a_commands("load_a_commands");
#pragma HLS stream variable=load_a_commands depth=4
  hls::stream<ap_uint<40> > arbiter_a_commands("arbiter_a_commands");
#pragma HLS stream variable=arbiter_a_commands depth=4
  hls::stream<ap_uint<248> > load_b_commands("load_b_commands");
#pragma HLS stream variable=load_b_commands depth=4
  hls::stream<ap_uint<40> > arbiter_b_commands("arbiter_b_commands");
#pragma HLS stream variable=arbiter_b_commands depth=4
  hls::stream<ap_uint<88> > buffer_a_commands("buffer_a_commands");
#pragma HLS stream variable=buffer_a_commands depth=4
  hls::stream<ap_uint<336> > buffer_b_commands("buffer_b_commands");
#pragma HLS stream variable=buffer_b_commands depth=4
  hls::stream<ap_uint<48> > interconnect_commands("interconnect_commands");
#pragma HLS stream variable=interconnect_commands depth=4
  hls::stream<ap_uint<48> > pe_array_commands("pe_array_commands");
#pragma HLS stream variable=pe_array_commands depth=4
  hls::stream<ap_uint<88> > buffer_c_commands("buffer_c_commands");
#pragma HLS stream variable=buffer_c_commands depth=4
  hls::stream<ap_uint<80> > post_commands("post_commands");
#pragma HLS stream variable=post_commands depth=4
  hls::stream<ap_uint<152> > store_c_commands("store_c_commands");
#pragma HLS stream variable=store_c_commands depth=4
  hls::stream<ap_uint<64> > words_a("words_a");
#pragma HLS stream variable=words_a depth=64
  hls::stream<ap_uint<64> > words_b("words_b");
#pragma HLS stream variable=words_b depth=64
  hls::stream<ap_uint<64> > param_words("param_words");
#pragma HLS stream variable=param_words depth=64
  hls::stream<ap_uint<64> > fill_pieces_a("fill_pieces_a");
#pragma HLS stream variable=fill_pieces_a depth=8
  hls::stream<ap_uint<64> > fill_pieces_b("fill_pieces_b");
#pragma HLS stream variable=fill_pieces_b depth=8
  hls::stream<ap_uint<64> > pieces_a("pieces_a");
#pragma HLS stream variable=pieces_a depth=8
  hls::stream<ap_uint<64> > pieces_b("pieces_b");
#pragma HLS stream variable=pieces_b depth=8
  hls::stream<ap_uint<64> > array_words_a("array_words_a");
#pragma HLS stream variable=array_words_a depth=4
  hls::stream<ap_uint<64> > array_words_b("array_words_b");
#pragma HLS stream variable=array_words_b depth=4
  hls::stream<ap_uint<1024> > results("results");
#pragma HLS stream variable=results depth=8
  hls::stream<ap_uint<128> > sums("sums");
#pragma HLS stream variable=sums depth=8
  hls::stream<ap_uint<32> > outputs("outputs");
#pragma HLS stream variable=outputs depth=16

  ctrl(m_subtiles, tile_m, out_rows, out_columns, tile_rows, tile_columns, k_groups, tile_k, kernel_rows, kernel_columns, dilation, stride, row_step, row_stride, row_phases, column_phases, span_rows, span_columns, pad_top, pad_left, in_rows, in_columns, in_pitch, in_plane, out_plane, grouped, share_m, share_k, window, pitch, plane, step_positions, a_address, a_tile_words, p_address, p_tile_words, b_address, c_address, padding, zero_point, low, high, group, load_a_commands, arbiter_a_commands, load_b_commands, arbiter_b_commands, buffer_a_commands, buffer_b_commands, interconnect_commands, pe_array_commands, buffer_c_commands, post_commands, store_c_commands);
  load_a(load_a_commands, gmem_a, words_a, param_words);
  load_b(load_b_commands, gmem_b, words_b);
  arbiter_a(arbiter_a_commands, words_a, fill_pieces_a);
  arbiter_b(arbiter_b_commands, words_b, fill_pieces_b);
  buffer_a(buffer_a_commands, fill_pieces_a, pieces_a);
  buffer_b(buffer_b_commands, fill_pieces_b, pieces_b);
  interconnect(interconnect_commands, pieces_a, pieces_b, array_words_a, array_words_b);
  pe_array(pe_array_commands, array_words_a, array_words_b, results);
  buffer_c(buffer_c_commands, results, sums);
  post(post_commands, param_words, sums, outputs);
  store_c(store_c_commands, outputs, gmem_c);
}
