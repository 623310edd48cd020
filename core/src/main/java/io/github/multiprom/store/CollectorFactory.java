package io.github.multiprom.store;

import io.prometheus.client.Collector;

/**
 * Makes the collector that shows on a registry what a reader reads. Found by {@link
 * java.util.ServiceLoader}, so that recording and merging need not know each other.
 */
public interface CollectorFactory {
  /**
   * A collector whose {@code describe()} is empty.
   *
   * @param reader what it reads at each collect
   * @param workerLabel name of the label of per-worker series; null if there is one worker only,
   *     whose gauges are then shown as they are
   */
  Collector collector(SnapshotReader reader, String workerLabel);
}
