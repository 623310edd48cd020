package io.github.multiprom.metrics;

import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.ExemplarConfig;
import io.prometheus.client.exemplars.HistogramExemplarSampler;

/**
 * What samples the exemplars of a family: a sampler of its own, or the default one of simpleclient
 * as long as the family or {@link ExemplarConfig} has it enabled. Immutable.
 *
 * @param enabled null for what {@link ExemplarConfig} says
 * @param ofCounter the family's own; null for the default one
 * @param ofHistogram as well
 */
record ExemplarSampling(
    Boolean enabled, CounterExemplarSampler ofCounter, HistogramExemplarSampler ofHistogram) {
  static final ExemplarSampling DEFAULT = new ExemplarSampling(null, null, null);

  ExemplarSampling enabled(boolean other) {
    return new ExemplarSampling(other, ofCounter, ofHistogram);
  }

  /** What was set for all families of this JVM, to see whether it changes. */
  record Defaults(
      boolean enabled, CounterExemplarSampler ofCounter, HistogramExemplarSampler ofHistogram) {
    static Defaults now() {
      try {
        return new Defaults(
            ExemplarConfig.isExemplarsEnabled(),
            ExemplarConfig.getCounterExemplarSampler(),
            ExemplarConfig.getHistogramExemplarSampler());
      } catch (LinkageError e) {
        // Without the jars of simpleclient that find a tracer.
        return new Defaults(false, null, null);
      }
    }
  }

  /** The sampler of a counter; null while exemplars are off. */
  CounterExemplarSampler counterSampler() {
    if (ofCounter != null) {
      return isOff() ? null : ofCounter;
    }
    try {
      return isOn() ? ExemplarConfig.getCounterExemplarSampler() : null;
    } catch (LinkageError e) {
      // As above.
      return null;
    }
  }

  /** The sampler of a histogram; null while exemplars are off. */
  HistogramExemplarSampler histogramSampler() {
    if (ofHistogram != null) {
      return isOff() ? null : ofHistogram;
    }
    try {
      return isOn() ? ExemplarConfig.getHistogramExemplarSampler() : null;
    } catch (LinkageError e) {
      // As above.
      return null;
    }
  }

  private boolean isOff() {
    return Boolean.FALSE.equals(enabled);
  }

  private boolean isOn() {
    return enabled == null ? ExemplarConfig.isExemplarsEnabled() : enabled;
  }

  /** An exemplar of now; null for no labels at all, as simpleclient has it. */
  static Exemplar of(double value, String[] labels) {
    return labels == null ? null : new Exemplar(value, System.currentTimeMillis(), labels);
  }
}
