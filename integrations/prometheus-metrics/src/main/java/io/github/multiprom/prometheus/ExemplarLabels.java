package io.github.multiprom.prometheus;

import io.prometheus.metrics.model.snapshots.Labels;

/** The labels of exemplars, as the two clients want them. */
final class ExemplarLabels {
  private ExemplarLabels() {}

  /** Names, each followed by its value. */
  static String[] of(Labels labels) {
    String[] pairs = new String[2 * labels.size()];
    for (int i = 0; i < labels.size(); i++) {
      pairs[2 * i] = labels.getPrometheusName(i);
      pairs[2 * i + 1] = labels.getValue(i);
    }
    return pairs;
  }
}
