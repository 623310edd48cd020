package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.NativeSum;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.QuantileWindow.Quantile;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.prometheus.client.Summary.Builder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Which quantiles of which time a summary has. Immutable.
 *
 * <p>A summary of one process, which counts on the heap, has them as simpleclient computes them.
 */
final class SummaryWindow {
  private static final long DEFAULT_MAX_AGE_SECONDS = 600;
  private static final int DEFAULT_STEPS = 5;
  private static final long MS_PER_SECOND = 1000;

  /** No quantiles. */
  static final SummaryWindow NONE =
      new SummaryWindow(
          List.of(), new TreeMap<>(), DEFAULT_MAX_AGE_SECONDS * MS_PER_SECOND, DEFAULT_STEPS);

  private final List<Consumer<Builder>> settings;
  // Their errors by quantile.
  private final SortedMap<Double, Double> quantiles;
  private final long maxAgeMs;
  private final int steps;

  private SummaryWindow(
      List<Consumer<Builder>> settings,
      SortedMap<Double, Double> quantiles,
      long maxAgeMs,
      int steps) {
    this.settings = settings;
    this.quantiles = quantiles;
    this.maxAgeMs = maxAgeMs;
    this.steps = steps;
  }

  /**
   * The same with another quantile.
   *
   * @throws IllegalArgumentException if simpleclient's builder refuses it, as the next two
   */
  SummaryWindow withQuantile(double quantile, double error) {
    SortedMap<Double, Double> all = new TreeMap<>(quantiles);
    // Without the sign of a zero.
    all.put(quantile + 0.0, error);
    return with(builder -> builder.quantile(quantile, error), all, maxAgeMs, steps);
  }

  SummaryWindow withMaxAgeSeconds(long seconds) {
    return with(
        builder -> builder.maxAgeSeconds(seconds),
        quantiles,
        Math.min(seconds, QuantileWindow.MAX_AGE_MS / MS_PER_SECOND) * MS_PER_SECOND,
        steps);
  }

  SummaryWindow withSteps(int count) {
    return with(
        builder -> builder.ageBuckets(count),
        quantiles,
        maxAgeMs,
        Math.min(count, QuantileWindow.MAX_STEPS));
  }

  private SummaryWindow with(
      Consumer<Builder> setting,
      SortedMap<Double, Double> newQuantiles,
      long newAge,
      int newSteps) {
    setting.accept(new Builder());
    List<Consumer<Builder>> all = new ArrayList<>(settings);
    all.add(setting);
    return new SummaryWindow(List.copyOf(all), newQuantiles, newAge, newSteps);
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
    return new QuantileWindow(some, maxAgeMs, steps);
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
    Builder builder = io.prometheus.client.Summary.build("summary", "Help.");
    settings.forEach(setting -> setting.accept(builder));
    return new Cells(builder.create());
  }

  /** Count, sum and quantiles. Thread-safe. */
  static final class Cells implements DistributionCells {
    private final io.prometheus.client.Summary summary;

    private Cells(io.prometheus.client.Summary summary) {
      this.summary = summary;
    }

    @Override
    public void observe(int bucket, double value) {
      summary.observe(value);
    }

    @Override
    public void addAll(double[] numbers) {
      throw new UnsupportedOperationException("no observations, but their sum");
    }

    /** What was counted, in no chunk: which values these were is not known any more. */
    @Override
    public double[] read() {
      io.prometheus.client.Summary.Child.Value value = summary.get();
      RefinedCounts counts = new RefinedCounts();
      counts.addEarlier(value.count);
      return counts.toNumbers(value.sum);
    }

    /** The quantiles of the time that the window shows; NaN if there was no observation. */
    SortedMap<Double, Double> quantiles() {
      return summary.get().quantiles;
    }
  }
}
