package io.github.multiprom.merge;

import io.github.multiprom.model.NativeBuckets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What a collector shows of native histograms, as tests compare it. */
public final class NativeViews {
  private NativeViews() {}

  /**
   * One series.
   *
   * @param text its native view; null if it has none
   * @param values as {@link MergedFamily} has them
   */
  public record View(String text, NativeBuckets buckets, double[] values, boolean hasClassicView) {
    /** The number of observations, which is that of both views. */
    public double count() {
      return values[values.length - 2];
    }

    /** The number of observations in the native view. */
    public double nativeCount() {
      return (double) buckets.count();
    }

    /** The sum. */
    public double sum() {
      return values[values.length - 1];
    }
  }

  /** The series of the families of a directory, by family name and label values. */
  public static Map<String, View> of(Path directory) {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return of(collector);
    }
  }

  /** As above. */
  public static Map<String, View> of(MultiprocessCollector collector) {
    return collector.merge(
        family -> !family.name().startsWith("multiprom_"),
        families -> {
          Map<String, View> views = new LinkedHashMap<>();
          for (MergedFamily family : families) {
            int at = 0;
            for (int i = 0; i < family.seriesCount(); i++) {
              double[] values = Arrays.copyOfRange(family.values(), at, at + family.width(i));
              at += family.width(i);
              NativeBuckets buckets = family.nativeBuckets(i);
              views.put(
                  family.descriptor().name() + family.series().get(i).labelValues(),
                  new View(
                      buckets == null ? null : text(buckets),
                      buckets,
                      values,
                      family.hasClassicView(i)));
            }
          }
          return views;
        });
  }

  /** Schema, zero bucket, and the other buckets with Prometheus' indices. */
  public static String text(NativeBuckets buckets) {
    return "schema "
        + buckets.schema()
        + " zero "
        + buckets.zeroCount()
        + " positive "
        + text(buckets.positiveIndices(), buckets.positiveCounts())
        + " negative "
        + text(buckets.negativeIndices(), buckets.negativeCounts());
  }

  private static String text(int[] indices, long[] counts) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < indices.length; i++) {
      text.append(i == 0 ? "" : " ").append(indices[i]).append(':').append(counts[i]);
    }
    return "[" + text + "]";
  }

  /** The positive buckets at a coarser schema. */
  public static Map<Integer, Long> positive(NativeBuckets buckets, int schema) {
    return coarser(buckets.positiveIndices(), buckets.positiveCounts(), buckets.schema() - schema);
  }

  /** The negative buckets at a coarser schema. */
  public static Map<Integer, Long> negative(NativeBuckets buckets, int schema) {
    return coarser(buckets.negativeIndices(), buckets.negativeCounts(), buckets.schema() - schema);
  }

  private static Map<Integer, Long> coarser(int[] indices, long[] counts, int shift) {
    Map<Integer, Long> coarser = new TreeMap<>();
    for (int i = 0; i < indices.length; i++) {
      coarser.merge(((indices[i] - 1) >> shift) + 1, counts[i], Long::sum);
    }
    return coarser;
  }
}
