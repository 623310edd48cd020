package io.github.multiprom.exposition.format;

import io.github.multiprom.model.NativeBuckets;

/**
 * The native view of a histogram as fields of its message. One thread.
 *
 * <p>Buckets stand in spans, each with its distance from the one before, and their counts as
 * differences to the bucket before, over all spans. Up to {@value #MAX_GAP} empty buckets in a row
 * are written as such, because a span takes more bytes.
 */
final class NativeMessage {
  /** Exemplars of the native view, as messages. */
  static final int EXEMPLAR = 16;

  private static final int SCHEMA = 5;
  private static final int ZERO_THRESHOLD = 6;
  private static final int ZERO_COUNT = 7;
  private static final int NEGATIVE_SPAN = 9;
  private static final int NEGATIVE_DELTA = 10;
  private static final int POSITIVE_SPAN = 12;
  private static final int POSITIVE_DELTA = 13;

  private static final int SPAN_OFFSET = 1;
  private static final int SPAN_LENGTH = 2;

  private static final int MAX_GAP = 2;

  private final Message span = new Message();
  private final Message deltas = new Message();

  /** Adds the fields to those of a histogram. */
  void addTo(Message histogram, NativeBuckets buckets) {
    histogram
        .signed(SCHEMA, buckets.schema())
        .number(ZERO_THRESHOLD, buckets.zeroThreshold())
        .count(ZERO_COUNT, buckets.zeroCount());
    addSide(
        histogram,
        NEGATIVE_SPAN,
        NEGATIVE_DELTA,
        buckets.negativeIndices(),
        buckets.negativeCounts());
    addSide(
        histogram,
        POSITIVE_SPAN,
        POSITIVE_DELTA,
        buckets.positiveIndices(),
        buckets.positiveCounts());
    if (buckets.zeroThreshold() == 0 && buckets.count() == 0) {
      // Nothing else tells it from a classic one.
      addSpan(histogram, POSITIVE_SPAN, 0, 0);
    }
  }

  private void addSide(
      Message histogram, int spanField, int deltaField, int[] indices, long[] counts) {
    if (indices.length == 0) {
      return;
    }
    deltas.clear();
    int spanStart = indices[0];
    int offset = spanStart;
    int next = spanStart;
    long before = 0;
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] - next > MAX_GAP) {
        addSpan(histogram, spanField, offset, next - spanStart);
        spanStart = indices[i];
        offset = spanStart - next;
        next = spanStart;
      }
      for (; next < indices[i]; next++) {
        deltas.packed(-before);
        before = 0;
      }
      deltas.packed(counts[i] - before);
      before = counts[i];
      next++;
    }
    addSpan(histogram, spanField, offset, next - spanStart);
    histogram.message(deltaField, deltas);
  }

  private void addSpan(Message histogram, int field, int offset, int length) {
    span.clear().signed(SPAN_OFFSET, offset).count(SPAN_LENGTH, length);
    histogram.message(field, span);
  }
}
