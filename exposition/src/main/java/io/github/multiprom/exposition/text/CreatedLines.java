package io.github.multiprom.exposition.text;

import java.util.Arrays;

/** The created samples of a family's series, which never change. Immutable. */
final class CreatedLines {
  private static final double MS_PER_SECOND = 1e3;

  private final double[] createdMs;
  private final byte[] lines;
  private final int[] ends;

  /**
   * Renders the lines.
   *
   * @param prefixes what stands before the numbers, one behind the other
   * @param prefixEnds for each series where its prefix ends
   */
  CreatedLines(byte[] prefixes, int[] prefixEnds, double[] createdMs) {
    this.createdMs = createdMs.clone();
    Bytes all = new Bytes();
    ends = new int[createdMs.length];
    int start = 0;
    for (int series = 0; series < ends.length; series++) {
      all.addLine(prefixes, start, prefixEnds[series], createdMs[series] / MS_PER_SECOND);
      start = prefixEnds[series];
      ends[series] = all.length;
    }
    lines = all.toArray();
  }

  /** Whether the series were created at these times. */
  boolean areOf(double[] times) {
    return Arrays.equals(createdMs, times);
  }

  void addLine(int series, Bytes out) {
    out.add(lines, series == 0 ? 0 : ends[series - 1], ends[series]);
  }

  void addLines(Bytes out) {
    out.add(lines);
  }
}
