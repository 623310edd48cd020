package io.github.multiprom.metrics;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * What a worker counts and logs about itself. The {@link SeriesPublisher} guards which families
 * these are; anything else needs no lock once they are published.
 */
final class SelfMetrics {
  private static final String NO_SPACE = "no_space";
  private static final String OUTGROWN = "outgrown";

  private final Worker worker;
  private final LaterLog log;
  // By identity, as families have no other.
  private final Set<MetricFamily> families = new HashSet<>();
  private boolean outgrownIsNoted;
  private Counter storeErrors;
  private Counter overflowed;
  private Counter dropped;

  SelfMetrics(Worker worker, LaterLog log) {
    this.worker = worker;
    this.log = log;
  }

  /** Publishes them now, so that they exist when the disk is full. */
  void publish(SeriesPublisher publisher) {
    storeErrors =
        publisher.addSelfMetric("multiprom_store_errors", "Failures of the store.", "reason");
    storeErrors.labels(NO_SPACE);
    overflowed =
        publisher.addSelfMetric(
            "multiprom_series_overflowed", "Lookups beyond the limit of a family.", "family");
    dropped =
        publisher.addSelfMetric(
            "multiprom_dropped", "Numbers that were left out of sums.", "reason");
  }

  /** Makes another one, whose series are to be few. */
  Counter make(String name, String help, String label) {
    Counter.Builder builder = Counter.build(name, help).labelNames(label);
    Counter counter = builder.make(worker.families(), builder.descriptor());
    counter.ownRegistries = false;
    families.add(counter);
    return counter;
  }

  /** The limits do not hold for them: there are as few series as reasons and families. */
  boolean contains(MetricFamily family) {
    return families.contains(family);
  }

  void noteError(String reason) {
    storeErrors.labels(reason).inc();
  }

  void noteNoSpace(IOException e) {
    log.addError(
        "no space " + worker,
        "No space for more series in the worker file of "
            + worker
            + ": they count in memory, missing from the merged output, until there is space ("
            + e.getMessage()
            + ")");
    if (storeErrors != null) {
      noteError(NO_SPACE);
    }
  }

  /** Notes that observations found no space although their series has some. */
  void noteNoSpaceForBuckets() {
    log.addError(
        "no space for buckets " + worker,
        "No space for more buckets of native histograms in the worker file of "
            + worker
            + ": what falls into them counts in memory, missing from the merged output, until there"
            + " is space");
    if (storeErrors != null) {
      noteError(NO_SPACE);
    }
  }

  /** Notes that a series waits for the next file because this one is full of removed ones. */
  void noteOutgrown() {
    if (!outgrownIsNoted) {
      outgrownIsNoted = true;
      log.add(
          "outgrown " + worker,
          "Label sets of worker "
              + worker
              + " come and go faster than its file can be renewed: new series count in memory,"
              + " missing from the merged output, for a second or two");
    }
    if (storeErrors != null) {
      noteError(OUTGROWN);
    }
  }

  /** Notes that a NaN or an infinite number was left out. */
  void noteLeftOut(MetricFamily family, double number) {
    boolean isNan = Double.isNaN(number);
    dropped.labels(isNan ? "nan" : "infinite").inc();
    log.add(
        "left-out " + isNan + " " + worker,
        "Family "
            + family.descriptor.name()
            + " was given "
            + number
            + ", which is left out of sums; multiprom_dropped_total counts such numbers of all"
            + " families");
    log.write();
  }

  /** Notes a lookup that the series for all beyond the limits answered. */
  void noteOverflowed(MetricFamily family) {
    overflowed.labels(family.descriptor.name()).inc();
  }

  /** Has the log say why a family is beyond its limits. */
  void noteOverflow(MetricFamily family, String why) {
    log.add(
        "overflow " + family.descriptor.name() + " " + worker + why,
        "Family "
            + family.descriptor.name()
            + " "
            + why
            + "; new label sets count in one series with the label values "
            + SeriesLimits.OVERFLOW_LABEL_VALUE);
  }
}
