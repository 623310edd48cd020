package io.github.multiprom.metrics;

import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.HistogramExemplarSampler;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;

/**
 * The newest exemplar of a counter's child, or of each bucket of a histogram's. Thread-safe.
 *
 * <p>A child has them from the first exemplar on, or since something samples it; others pay for a
 * look at a field.
 */
final class Exemplars {
  private final ExemplarSampling sampling;
  private final AtomicReferenceArray<Exemplar> newest;

  /** No exemplars yet of so many buckets, 1 for a counter. */
  Exemplars(ExemplarSampling sampling, int count) {
    this.sampling = sampling;
    newest = new AtomicReferenceArray<>(count);
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

  /** Notes an exemplar that was given. */
  void set(int bucket, Exemplar exemplar) {
    update(bucket, before -> exemplar);
  }

  /** Has an increment sampled. */
  void sampleCounter(double amount) {
    CounterExemplarSampler sampler = sampling.counterSampler();
    if (sampler != null) {
      update(0, before -> sampler.sample(amount, before));
    }
  }

  /** Has an observation sampled. */
  void sampleHistogram(int bucket, double value, double from, double to) {
    HistogramExemplarSampler sampler = sampling.histogramSampler();
    if (sampler != null) {
      update(bucket, before -> sampler.sample(value, from, to, before));
    }
  }

  @SuppressWarnings("ReferenceEquality") // A sampler returns the one before to keep it.
  private void update(int bucket, UnaryOperator<Exemplar> next) {
    Exemplar before;
    Exemplar after;
    do {
      before = newest.get(bucket);
      after = next.apply(before);
      if (after == null || after == before) {
        return;
      }
    } while (!newest.compareAndSet(bucket, before, after));
  }
}
