package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.CollectorFactory;
import io.github.multiprom.internal.directory.DirectoryCollector;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.SnapshotReader;
import java.io.IOException;
import java.nio.file.Path;

/** Makes merging collectors for those who only record. Thread-safe. */
public final class MergingCollectorFactory implements CollectorFactory {
  /** For {@link java.util.ServiceLoader}. */
  public MergingCollectorFactory() {}

  @Override
  public DirectoryCollector collector(SnapshotReader reader, String workerLabel) {
    return new MultiprocessCollector(reader, workerLabel)::collect;
  }

  @Override
  public int retire(Path directory) throws IOException {
    try (DirectoryReader reader = DirectoryReader.ofOneByOne(directory);
        Retirer retirer = new Retirer(reader)) {
      return retirer.retire();
    }
  }
}
