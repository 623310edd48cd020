package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.prometheus.client.Summary.Builder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * Which quantiles of which time a summary has. Immutable.
 *
 * <p>A summary of one process, which counts on the heap, has them as simpleclient computes them.
 */
final class SummaryWindow {
  /** No quantiles. */
  static final SummaryWindow NONE = new SummaryWindow(List.of());

  private final List<Consumer<Builder>> settings;

  private SummaryWindow(List<Consumer<Builder>> settings) {
    this.settings = settings;
  }

  boolean isNone() {
    return settings.isEmpty();
  }

  /**
   * The same with another setting of simpleclient's builder.
   *
   * @throws IllegalArgumentException if that refuses it
   */
  SummaryWindow with(Consumer<Builder> setting) {
    setting.accept(new Builder());
    List<Consumer<Builder>> all = new ArrayList<>(settings);
    all.add(setting);
    return new SummaryWindow(List.copyOf(all));
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
    public void addAll(double[] sumAndCount) {
      throw new UnsupportedOperationException("no observations, but their sum");
    }

    @Override
    public double[] read() {
      io.prometheus.client.Summary.Child.Value value = summary.get();
      return new double[] {value.sum, value.count};
    }

    /** The quantiles of the time that the window shows; NaN if there was no observation. */
    SortedMap<Double, Double> quantiles() {
      return summary.get().quantiles;
    }
  }
}
