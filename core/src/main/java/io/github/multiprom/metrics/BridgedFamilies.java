package io.github.multiprom.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import java.util.List;
import java.util.Objects;

/**
 * The families that another metrics library has in a worker with a directory: those of one name may
 * differ in label names and bucket bounds, and equal label sets of theirs are one child. A child
 * without labels is one as any other: it is made by {@code labels()}, and may be removed.
 * Thread-safe.
 *
 * <p>For the modules of this project alone: it is no part of the public API, and may change with
 * any version.
 *
 * <p>All methods throw an {@link IllegalArgumentException} if a name breaks the naming rules, or if
 * the worker has a family of this name and another type, gauge mode or unit.
 */
public final class BridgedFamilies {
  private static final double[] NO_BOUNDS = {};

  private final Worker worker;

  /**
   * The families of a worker.
   *
   * @throws IllegalArgumentException if it has no directory
   */
  public BridgedFamilies(Worker worker) {
    this.worker = Objects.requireNonNull(worker);
    if (worker.isInMemory()) {
      throw new IllegalArgumentException("A worker without a directory: " + worker);
    }
  }

  /** Whether the worker counts in its directory, and not, for the time being, in memory. */
  public boolean areInDirectory() {
    return worker.hasFile();
  }

  /** Makes or finds a family. */
  public Counter make(Counter.Builder builder) {
    return adopt(builder);
  }

  /** Makes or finds a family. */
  public Gauge make(Gauge.Builder builder) {
    return adopt(builder);
  }

  /** Makes or finds a family. */
  public Summary make(Summary.Builder builder) {
    return adopt(builder);
  }

  /** Makes or finds a family. */
  public Histogram make(Histogram.Builder builder) {
    return adopt(builder);
  }

  /**
   * Makes or finds a counter whose total comes from a source.
   *
   * @return null if it is not to be sampled, or would be a series too many
   */
  public SampledSeries sampled(Counter.Builder builder, String... labelValues) {
    return sampled(builder, 1, labelValues);
  }

  /** As {@link #sampled(Counter.Builder, String...)}, for count and sum. */
  public SampledSeries sampled(Summary.Builder builder, String... labelValues) {
    return sampled(builder, 2, labelValues);
  }

  /**
   * As {@link #sampled(Counter.Builder, String...)}, for a value. It is not shown before it is set.
   *
   * @param mode where {@code multiprom.gaugeModes} names none; null for that of {@link
   *     SampleSink#gauge(String, String, String[], String[], double)}
   */
  public SampledSeries sampled(Gauge.Builder builder, GaugeMode mode, String... labelValues) {
    String name = builder.worker(worker).descriptor().name();
    builder.mode(worker.gaugeModes().ofSampled(name, mode));
    return hidden(sampled(builder, 1, labelValues));
  }

  /** As {@link #sampled(Counter.Builder, String...)}, for words; shown once it is set to 1. */
  public SampledSeries sampled(Info.Builder builder, String... labelValues) {
    return hidden(sampled(builder, 1, labelValues));
  }

  private static SampledSeries hidden(SampledSeries series) {
    if (series != null) {
      series.withdraw();
    }
    return series;
  }

  private SampledSeries sampled(FamilyBuilder<?, ?> builder, int width, String... labelValues) {
    if (worker.gaugeModes().isOff(builder.worker(worker).descriptor().name())) {
      return null;
    }
    Series child = worker.childWithinLimits(adopt(builder), labelValues);
    return child == null ? null : new SampledSeries(child, NO_BOUNDS, width);
  }

  /**
   * The gauges of all workers, merged.
   *
   * @throws RuntimeException if they cannot be read
   */
  public List<MetricFamilySamples> gauges() {
    return worker.mergedGauges();
  }

  /**
   * Forgets a family and all others of its name: their series are removed, and another family may
   * have the name.
   */
  public void forget(MetricFamily family) {
    worker.giveUp(family);
  }

  /** Whether a child of a family takes all label sets beyond the family's limits. */
  public static boolean isOverflow(MetricFamily family, Object child) {
    return family.overflow == child;
  }

  /**
   * Observes a finite value several times, as of one that was sampled: a reader sees none, one or
   * all of them.
   *
   * @param times at least 1
   */
  public static void observe(Histogram.Child child, double value, long times) {
    child.observe(value, times);
  }

  /** As {@link #observe(Histogram.Child, double, long)}. */
  public static void observe(Summary.Child child, double value, long times) {
    child.observe(value, times);
  }

  /**
   * Adds observations that were made elsewhere.
   *
   * @param sumAndCounts their sum, and their number in each bucket, not cumulative
   */
  public static void addAll(Histogram.Child child, double[] sumAndCounts) {
    child.cells.addAll(sumAndCounts);
  }

  /**
   * As {@link #addAll(Histogram.Child, double[])}.
   *
   * @param sumAndCount their sum and their number
   */
  public static void addAll(Summary.Child child, double[] sumAndCount) {
    child.cells.addAll(sumAndCount);
  }

  private <F extends MetricFamily> F adopt(FamilyBuilder<?, F> builder) {
    builder.worker(worker);
    return worker.adoptBeside(builder, builder.descriptor(), null);
  }
}
