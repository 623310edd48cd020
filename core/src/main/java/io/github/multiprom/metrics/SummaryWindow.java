package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.NativeSum;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.QuantileWindow.Quantile;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Which quantiles of which time a summary has. Immutable.
 *
 * <p>A summary of one process, which counts on the heap, has them as simpleclient computes them.
 */
final class SummaryWindow {
  private static final long MS_PER_SECOND = 1000;

  // Their errors by quantile.
  private final SortedMap<Double, Double> quantiles;
  private final long maxAgeSeconds;
  private final int ageBuckets;

  private SummaryWindow(Builder from) {
    quantiles = new TreeMap<>(from.quantiles);
    maxAgeSeconds = from.maxAgeSeconds;
    ageBuckets = from.ageBuckets;
  }

  /** Builds windows; there are no quantiles at first. One thread. */
  static final class Builder {
    private final SortedMap<Double, Double> quantiles = new TreeMap<>();
    private long maxAgeSeconds = 600;
    private int ageBuckets = 5;

    /**
     * Adds a quantile.
     *
     * @throws IllegalArgumentException if it is NaN or simpleclient's builder refuses it, as the
     *     next two
     */
    void quantile(double quantile, double error) {
      new io.prometheus.client.Summary.Builder().quantile(quantile, error);
      // Without the sign of a zero.
      Quantile one = new Quantile(quantile + 0.0, error);
      quantiles.put(one.quantile(), one.error());
    }

    void maxAgeSeconds(long seconds) {
      new io.prometheus.client.Summary.Builder().maxAgeSeconds(seconds);
      maxAgeSeconds = seconds;
    }

    void ageBuckets(int count) {
      new io.prometheus.client.Summary.Builder().ageBuckets(count);
      ageBuckets = count;
    }

    SummaryWindow build() {
      return new SummaryWindow(this);
    }
  }

  /** What it is with a directory; null without quantiles. Of too many some are left out. */
  QuantileWindow inDirectory() {
    if (quantiles.isEmpty()) {
      return null;
    }
    List<Quantile> all = new ArrayList<>();
    quantiles.forEach((quantile, error) -> all.add(new Quantile(quantile, error)));
    int count = Math.min(all.size(), QuantileWindow.MAX_QUANTILES);
    List<Quantile> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(all.get(count == 1 ? 0 : (int) ((long) i * (all.size() - 1) / (count - 1))));
    }
    return new QuantileWindow(
        some,
        Math.min(maxAgeSeconds, QuantileWindow.MAX_AGE_MS / MS_PER_SECOND) * MS_PER_SECOND,
        Math.min(ageBuckets, QuantileWindow.MAX_STEPS));
  }

  /** The quantiles of what was counted in the window that ends now. */
  SortedMap<Double, Double> quantiles(RefinedCounts counts, RefinedCells refined) {
    QuantileWindow window = inDirectory();
    NativeSum sum = new NativeSum();
    long nowMs = EpochClock.nowNanos() / EpochClock.NANOS_PER_MILLISECOND;
    counts.addWindowTo(sum, refined, window.beginMs(nowMs));
    double[] values = sum.quantiles(window.quantiles());
    SortedMap<Double, Double> shown = new TreeMap<>();
    for (int i = 0; i < values.length; i++) {
      shown.put(window.quantiles().get(i).quantile(), values[i]);
    }
    return shown;
  }

  /** Cells on the heap, of one child. */
  Cells cells() {
    io.prometheus.client.Summary.Builder builder =
        io.prometheus.client.Summary.build("summary", "Help.")
            .maxAgeSeconds(maxAgeSeconds)
            .ageBuckets(ageBuckets);
    quantiles.forEach(builder::quantile);
    return new Cells(builder.create());
  }

  /** Count, sum and quantiles. Thread-safe. */
  static final class Cells implements DistributionCells {
    private final io.prometheus.client.Summary summary;
    // Of other children that count here now.
    private final DoubleAdder addedCount = new DoubleAdder();
    private final DoubleAdder addedSum = new DoubleAdder();

    private Cells(io.prometheus.client.Summary summary) {
      this.summary = summary;
    }

    @Override
    public void observe(int bucket, double value) {
      summary.observe(value);
    }

    @Override
    public void addAll(double[] numbers) {
      addedCount.add(RefinedCounts.of(numbers).total());
      addedSum.add(numbers[0]);
    }

    /** What was counted, in no chunk: which values these were is not known any more. */
    @Override
    public double[] read() {
      io.prometheus.client.Summary.Child.Value value = summary.get();
      RefinedCounts counts = new RefinedCounts();
      counts.addEarlier(value.count + addedCount.sum());
      return counts.toNumbers(value.sum + addedSum.sum());
    }

    /** The quantiles of the time that the window shows; NaN if there was no observation. */
    SortedMap<Double, Double> quantiles() {
      return summary.get().quantiles;
    }
  }
}
