package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the sources of a worker give, by name: one source a family. Thread-safe. */
final class SampledFamilies {
  static final String TWICE = "twice";
  static final String SHAPE = "shape";
  static final String LIMIT = "limit";
  static final String NOT_FINITE = "not_finite";
  static final String QUANTILE = "quantile";

  private static final String TOTAL_SUFFIX = "_total";
  private static final String INFO_SUFFIX = "_info";

  private final Worker worker;
  private final SeriesPublisher publisher;
  private final Counter refusedCounter;
  private final Counter errors;
  private final Map<String, SampledFamily> byName = new HashMap<>();
  private final Set<String> refused = new HashSet<>();

  SampledFamilies(Worker worker, SeriesPublisher publisher) {
    this.worker = worker;
    this.publisher = publisher;
    refusedCounter =
        publisher.addSelfMetric(
            "multiprom_sample_refused", "Families of which not all is sampled.", "reason");
    errors =
        publisher.addSelfMetric(
            "multiprom_sample_errors", "Failures of what is sampled.", "source");
  }

  /**
   * A series that a source gives.
   *
   * @param mode of a gauge, where no pattern names one; null for the one of its name
   * @param isNative whether a family that is made for it has native buckets
   * @return null if it is not to be sampled
   */
  SampledSeries series(
      Sampler.Entry source,
      MetricType type,
      GaugeMode mode,
      String givenName,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      boolean isNative) {
    String name =
        switch (type) {
          case COUNTER -> without(givenName, TOTAL_SUFFIX);
          case INFO -> without(givenName, INFO_SUFFIX);
          default -> givenName;
        };
    if (worker.gaugeModes().isOff(name)) {
      return null;
    }
    synchronized (byName) {
      SampledFamily family = byName.get(name);
      if (family != null && family.isGivenUp(worker.families())) {
        byName.remove(name);
        family = null;
      }
      if (family != null && family.owner != source && !family.owner.isRemoved()) {
        refuse(name, TWICE);
        return null;
      }
      if (family != null && family.owner == source && family.kind.type() == type) {
        SampledSeries known = family.find(labelNames, labelValues);
        if (known != null && known.hasBounds(upperBounds)) {
          return known;
        }
      }
      return newSeries(
          family, source, type, mode, name, help, labelNames, labelValues, upperBounds, isNative);
    }
  }

  private static String without(String name, String suffix) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  private SampledSeries newSeries(
      SampledFamily known,
      Sampler.Entry source,
      MetricType type,
      GaugeMode mode,
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      boolean isNative) {
    FamilyDescriptor shape;
    try {
      shape =
          shape(type, mode, name, help, labelNames, upperBounds)
              .withNativeShape(isNative ? SampledNative.SHAPE : null);
    } catch (IllegalArgumentException e) {
      refuse(name, SHAPE);
      return null;
    }
    SampledFamily family = known != null ? known : new SampledFamily(shape, source);
    if (!isSameKind(family.kind, shape) || labelNames.length != labelValues.length) {
      refuse(name, SHAPE);
      return null;
    }
    if (known == null && publisher.family(shape) != null) {
      refuse(name, TWICE);
      return null;
    }
    family.owner = source;
    byName.put(name, family);
    MetricFamily itself = family.find(shape);
    if (itself == null) {
      itself = make(shape);
      itself.ownRegistries = false;
      itself.sampled = true;
      if (!publisher.addBeside(itself)) {
        refuse(name, TWICE);
        return null;
      }
      family.add(itself);
    }
    SampledSeries series = family.find(labelNames, labelValues);
    if (series == null) {
      Series child = publisher.childWithinLimits(itself, labelValues.clone());
      if (child == null) {
        refuse(name, LIMIT);
        return null;
      }
      int width = type.isDistribution() ? 2 + upperBounds.length : 1;
      series = new SampledSeries(child, upperBounds, width);
      family.add(labelNames, labelValues, series);
    }
    if (!series.hasBounds(upperBounds)) {
      refuse(name, SHAPE);
      return null;
    }
    return series;
  }

  private FamilyDescriptor shape(
      MetricType type,
      GaugeMode mode,
      String name,
      String help,
      String[] labelNames,
      double[] upperBounds) {
    List<Double> bounds = new ArrayList<>(upperBounds.length);
    for (double bound : upperBounds) {
      bounds.add(bound);
    }
    GaugeMode merged =
        switch (type) {
          case GAUGE -> worker.gaugeModes().ofSampled(name, mode);
          // Equal ones of all live workers are one.
          case INFO -> GaugeMode.LIVEMAX;
          default -> GaugeMode.SUM;
        };
    return new FamilyDescriptor(
        name, type, help, "", List.of(labelNames), merged.fold(), merged.liveOnly(), bounds);
  }

  private static boolean isSameKind(FamilyDescriptor one, FamilyDescriptor other) {
    return one.type() == other.type()
        && one.fold() == other.fold()
        && one.liveOnly() == other.liveOnly();
  }

  private MetricFamily make(FamilyDescriptor shape) {
    FamilyHome home = worker.families();
    return switch (shape.type()) {
      case COUNTER -> Counter.build().make(home, shape);
      case GAUGE -> Gauge.build().make(home, shape);
      case HISTOGRAM -> Histogram.build().make(home, shape);
      case SUMMARY -> Summary.build().make(home, shape);
      case INFO -> Info.build().make(home, shape);
      case STATESET -> throw new IllegalArgumentException(shape.type() + " is not sampled");
    };
  }

  /** Withdraws the gauges of a source that it did not give in a pass. */
  void withdrawAllBut(long pass, Sampler.Entry source) {
    synchronized (byName) {
      for (SampledFamily family : byName.values()) {
        if (family.owner == source
            && family.kind.type().isSet()
            && !family.isGivenUp(worker.families())) {
          family.withdrawIf(series -> series.pass != pass, System.nanoTime());
        }
      }
    }
  }

  /** Counts a family, once a reason, and names it on the log. */
  void refuse(String name, String reason) {
    synchronized (refused) {
      if (!refused.add(reason + ' ' + name)) {
        return;
      }
    }
    refusedCounter.labels(reason).inc();
    StoreLog.warnOnce(
        "not sampled " + reason + ' ' + name,
        "Family " + name + ", or a part of it, is not sampled: " + reason);
  }

  /** Counts a failure of a source. */
  void noteError(String source, Throwable failure) {
    errors.labels(source).inc();
    StoreLog.warnOnce("not sampled " + source, source + " could not be sampled: " + failure);
  }
}
