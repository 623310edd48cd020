package io.github.multiprom.metrics;

import io.github.multiprom.internal.file.ExemplarSlots;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.HistogramExemplarSampler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The newest exemplar of a counter's child, or of each bucket of a histogram's. Thread-safe.
 *
 * <p>A child has them from the first exemplar on, or since something samples it; others pay for a
 * look at a field.
 */
final class Exemplars {
  private final ExemplarSampling sampling;
  private final AtomicReferenceArray<Exemplar> newest;
  private final ExemplarGate gate;
  // Where they are published; null in memory. Guarded by this, as the next two.
  private IncarnationWriter writer;
  private int series;
  // Null until the first one is published there.
  private ExemplarSlots slots;

  /** No exemplars yet of so many buckets, 1 for a counter. */
  Exemplars(ExemplarSampling sampling, int count) {
    this.sampling = sampling;
    newest = new AtomicReferenceArray<>(count);
    gate = new ExemplarGate(count);
  }

  /** The newest exemplar; null if there is none. */
  Exemplar get(int bucket) {
    return newest.get(bucket);
  }

  /** The newest exemplar of each bucket, null where there is none. */
  Exemplar[] all() {
    Exemplar[] all = new Exemplar[newest.length()];
    for (int i = 0; i < all.length; i++) {
      all[i] = newest.get(i);
    }
    return all;
  }

  /** The newest of all; null if there is none. */
  Exemplar newest() {
    Exemplar found = null;
    for (Exemplar each : all()) {
      if (each != null && (found == null || timeOf(each) >= timeOf(found))) {
        found = each;
      }
    }
    return found;
  }

  private static long timeOf(Exemplar exemplar) {
    return exemplar.getTimestampMs() == null ? 0 : exemplar.getTimestampMs();
  }

  /** Notes an exemplar that was given. */
  void set(int bucket, Exemplar exemplar) {
    newest.set(bucket, exemplar);
    publish(bucket);
  }

  /** Has an increment sampled. */
  void sampleCounter(double amount) {
    CounterExemplarSampler sampler = sampling.counterSampler();
    if (sampler != null && !isSpared(sampler, 0)) {
      Exemplar before;
      Exemplar after;
      do {
        before = newest.get(0);
        after = sampler.sample(amount, before);
      } while (!replace(0, before, after));
    }
  }

  /** Has an observation sampled. */
  void sampleHistogram(int bucket, double value, double from, double to) {
    HistogramExemplarSampler sampler = sampling.histogramSampler();
    if (sampler != null && !isSpared(sampler, bucket)) {
      Exemplar before;
      Exemplar after;
      do {
        before = newest.get(bucket);
        after = sampler.sample(value, from, to, before);
      } while (!replace(bucket, before, after));
    }
  }

  /** A sampler of the application's own is asked each time. */
  private boolean isSpared(Object sampler, int bucket) {
    return sampler.getClass() == DefaultExemplarSampler.class && gate.isClosed(bucket);
  }

  /** Notes the answer of a sampler; false if another thread has noted one meanwhile. */
  @SuppressWarnings("ReferenceEquality") // A sampler returns the one before to keep it.
  private boolean replace(int bucket, Exemplar before, Exemplar after) {
    boolean isNew = after != null && after != before;
    if (isNew && !newest.compareAndSet(bucket, before, after)) {
      return false;
    }
    gate.note(bucket, isNew);
    if (isNew) {
      publish(bucket);
    }
    return true;
  }

  /** Goes on in the series of a worker file. */
  synchronized void attach(IncarnationWriter other, int otherSeries) {
    writer = other;
    series = otherSeries;
    slots = null;
    publishAll();
  }

  /** Goes on in memory. */
  synchronized void detach() {
    writer = null;
    slots = null;
  }

  private void publishAll() {
    for (int bucket = 0; bucket < newest.length(); bucket++) {
      publish(bucket);
    }
  }

  /** What finds no space is not published: it is a hint, and the next one may be. */
  private synchronized void publish(int bucket) {
    Exemplar exemplar = newest.get(bucket);
    if (writer == null || exemplar == null) {
      return;
    }
    try {
      SeriesExemplar published = published(exemplar);
      if (slots == null) {
        slots = writer.exemplars(series, newest.length(), ExemplarSlots.slotLength(published));
        publishAll();
      } else if (!slots.write(bucket, published)) {
        slots = writer.exemplars(series, newest.length(), ExemplarSlots.LONG_SLOT_LENGTH);
        publishAll();
      }
    } catch (IOException | IllegalArgumentException e) {
      // As said.
    }
  }

  private static SeriesExemplar published(Exemplar exemplar) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < exemplar.getNumberOfLabels(); i++) {
      labels.add(exemplar.getLabelName(i));
      labels.add(exemplar.getLabelValue(i));
    }
    Long timeMs = exemplar.getTimestampMs();
    return new SeriesExemplar(
        exemplar.getValue(), timeMs == null ? System.currentTimeMillis() : timeMs, labels);
  }
}
