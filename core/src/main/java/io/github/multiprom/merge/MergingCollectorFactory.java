package io.github.multiprom.merge;

import io.github.multiprom.store.CollectorFactory;
import io.github.multiprom.store.DirectoryReader;
import io.github.multiprom.store.SnapshotReader;
import io.prometheus.client.Collector;
import java.io.IOException;
import java.nio.file.Path;

/** Makes merging collectors for those who only record. Thread-safe. */
public final class MergingCollectorFactory implements CollectorFactory {
  /** For {@link java.util.ServiceLoader}. */
  public MergingCollectorFactory() {}

  @Override
  public Collector collector(SnapshotReader reader, String workerLabel) {
    return new MultiprocessCollector(reader, workerLabel);
  }

  @Override
  public int retire(Path directory) throws IOException {
    try (DirectoryReader reader = DirectoryReader.ofOneByOne(directory);
        Retirer retirer = new Retirer(reader)) {
      return retirer.retire();
    }
  }
}
