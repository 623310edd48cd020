package io.github.multiprom.merge;

import io.github.multiprom.store.CollectorFactory;
import io.github.multiprom.store.SnapshotReader;
import io.prometheus.client.Collector;

/** Makes merging collectors for those who only record. Thread-safe. */
public final class MergingCollectorFactory implements CollectorFactory {
  /** For {@link java.util.ServiceLoader}. */
  public MergingCollectorFactory() {}

  @Override
  public Collector collector(SnapshotReader reader, String workerLabel) {
    return new MultiprocessCollector(reader, workerLabel);
  }
}
