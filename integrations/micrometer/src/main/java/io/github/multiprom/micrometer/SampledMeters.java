package io.github.multiprom.micrometer;

import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.metrics.SampledSeries;
import io.github.multiprom.metrics.SampledSource;
import io.micrometer.core.instrument.Meter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/** The meters of a registry whose numbers are asked for: gauges and functions. Thread-safe. */
final class SampledMeters implements SampledSource {
  /** Takes the numbers of a meter into a series. */
  private record Sampled(SampledSeries series, Runnable raise) {}

  private final Map<Meter.Id, List<Sampled>> meters = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Adds a value, which is not shown while it is NaN; nothing for a null series. */
  void addGauge(Meter.Id id, SampledSeries series, DoubleSupplier value) {
    add(id, series, () -> show(series, value.getAsDouble()));
  }

  private synchronized void show(SampledSeries series, double value) {
    // The application may have closed the registry while it was asked.
    if (closed || Double.isNaN(value)) {
      series.withdraw();
    } else {
      series.set(value);
    }
  }

  /** Adds a sum; nothing for a null series. */
  void addCounter(Meter.Id id, SampledSeries series, DoubleSupplier total) {
    add(
        id,
        series,
        () -> {
          double now = total.getAsDouble();
          if (isSum(now)) {
            series.raise(now);
          }
        });
  }

  /** Adds count and sum of observations; nothing for a null series. */
  void addSummary(Meter.Id id, SampledSeries series, DoubleSupplier count, DoubleSupplier sum) {
    add(
        id,
        series,
        () -> {
          double nowCount = count.getAsDouble();
          double nowSum = sum.getAsDouble();
          if (isSum(nowCount)) {
            series.raise(nowCount, isSum(nowSum) ? nowSum : Double.NaN);
          }
        });
  }

  private static boolean isSum(double number) {
    return number >= 0 && number <= Double.MAX_VALUE;
  }

  private void add(Meter.Id id, SampledSeries series, Runnable raise) {
    if (series != null) {
      meters
          .computeIfAbsent(id, none -> new CopyOnWriteArrayList<>())
          .add(new Sampled(series, raise));
    }
  }

  /** Forgets a meter and removes its series. */
  void remove(Meter.Id id) {
    List<Sampled> its = meters.remove(id);
    if (its != null) {
      its.forEach(sampled -> sampled.series.remove());
    }
  }

  /** Samples all of them; a failure of one leaves the others as they are. */
  @Override
  public void sample(SampleSink to) {
    if (closed) {
      return;
    }
    RuntimeException failure = null;
    for (List<Sampled> its : meters.values()) {
      for (Sampled sampled : its) {
        try {
          sampled.raise.run();
        } catch (RuntimeException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Ends: the gauges are shown no more, what was counted stays. */
  synchronized void close() {
    closed = true;
    meters.values().forEach(its -> its.forEach(sampled -> sampled.series.end()));
  }
}
