package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.EpochClock;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What every child is besides its type: a label set, and where its cells are. The label set is
 * immutable; the rest is guarded by the {@link SeriesPublisher}, with whose monitor alone a series
 * moves.
 */
abstract class Series {
  // Null, as all of these, until an application that made the child gives it to a family.
  MetricFamily family;
  // The first two label values stand beside the array: most lookups need no more.
  String first;
  String second;
  int hash;
  long createdNanos;
  private String[] labelValues;

  /** The worker file that has the series; null if it counts in memory. */
  SeriesHome home;

  /** Index in that file. */
  int index;

  /** The tick in which the series began to leave its file; it moves on in a later one. */
  long leftAtTick = -1;

  boolean removed;

  /** Whether its numbers come from a source. */
  volatile boolean hasSource;

  /** What the label values take of the family's limit, in bytes of UTF-8. */
  long labelBytes;

  /** Set by {@link Children}, from which it was removed. */
  boolean unlisted;

  /** The child that it is to {@link #join}; null for none. */
  Supplier<Series> leader;

  Series(MetricFamily family, String[] labelValues, long createdNanos) {
    bind(family, labelValues, createdNanos);
  }

  /** A child that counts on the heap, and is of no family yet. */
  Series() {
    createdNanos = EpochClock.nowNanos();
  }

  /** Makes it a child of a family. Once; before others find it. */
  final void bind(MetricFamily family, String[] labelValues, long createdNanos) {
    this.family = family;
    this.labelValues = labelValues;
    this.createdNanos = createdNanos;
    first = labelValues.length > 0 ? labelValues[0] : null;
    second = labelValues.length > 1 ? labelValues[1] : null;
    hash = Children.hash(labelValues);
  }

  final List<String> labelValues() {
    return List.of(labelValues);
  }

  final long createdMs() {
    return TimeUnit.NANOSECONDS.toMillis(createdNanos);
  }

  /** Length of the label values, in bytes of UTF-8. */
  final long countLabelBytes() {
    return SeriesLimits.utf8Length(labelValues);
  }

  final boolean hasLabelValues(String[] values) {
    return Arrays.equals(labelValues, values);
  }

  /** Whether an application overrides what it shows, so that it has to be sampled. */
  boolean isCallback() {
    return false;
  }

  /** Begins to sample exemplars if something is there that samples them by now. */
  void lookForSampler() {}

  /** Its exemplars; null if there are none. */
  Exemplars exemplars() {
    return null;
  }

  /** Takes what {@link #isCallback} shows into its cells. */
  void sampleItself() {}

  /** Whether a NaN or an infinite number, which is noted, is left out of sums. */
  final boolean leavesOut(double number) {
    return family != null && family.leavesOut(number);
  }

  /** The labels with which a series is published: one value per name. */
  record Labels(List<String> names, List<String> values) {}

  /** The labels with which it is published now. */
  Labels published() {
    return new Labels(family.descriptor.labelNames(), labelValues());
  }

  /** The value with which it is published first, as {@link IncarnationWriter#addSeries} says. */
  double[] initialValue() {
    return IncarnationWriter.ZERO;
  }

  /** Starts to count in the series of a worker file. */
  abstract void attach(IncarnationWriter writer, int series);

  /** Starts to count in memory, until there is space in a worker file. */
  abstract void startInMemory();

  /** Starts to count on the heap, without a directory. */
  abstract void startAlone();

  /** Prepares the move to another worker file; it goes on counting in its own. */
  abstract void leave();

  /**
   * Goes on in another worker file, where it is published with its value.
   *
   * @throws IOException if it was not published; it goes on where it was
   */
  abstract void moveTo(IncarnationWriter writer, Publication publication) throws IOException;

  /**
   * Goes on in the cells of another child of the same type, now and whenever those move; what it
   * has counted joins theirs. After {@link #leave}.
   *
   * @param leader the child, each time anew
   */
  abstract void join(Supplier<Series> leader);

  /** Goes on in memory with its value. */
  abstract void detach();

  /** Starts again in memory, without what is in the totals of retired workers already. */
  abstract void startAgain();

  /** The cells of a histogram's or summary's child. */
  DistributionCells distribution() {
    throw new IllegalStateException(family.descriptor.type() + " has no distribution");
  }

  /** Adds the samples of this child alone, as simpleclient orders them. */
  abstract void addSamples(List<Sample> samples);

  final Sample sample(String suffix, double value) {
    return new Sample(
        family.descriptor.name() + suffix, family.descriptor.labelNames(), labelValues(), value);
  }

  /** A list of label names or values, and one more at its end. */
  static List<String> append(List<String> list, String last) {
    List<String> all = new ArrayList<>(list);
    all.add(last);
    return all;
  }

  final void addCreated(List<Sample> samples) {
    if (CreatedSeries.SHOWN) {
      samples.add(sample("_created", createdMs() / Collector.MILLISECONDS_PER_SECOND));
    }
  }
}
