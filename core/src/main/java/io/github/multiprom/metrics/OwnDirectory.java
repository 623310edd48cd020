package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.RetiredWorkers;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;

/** The directory of a worker, which need not be there yet. Thread-safe. */
final class OwnDirectory implements SeriesDirectory {
  private final Path path;
  private final StoreOptions options;
  private final Worker.Store store;

  OwnDirectory(Path path, StoreOptions options, Worker.Store store) {
    this.path = path;
    this.options = options;
    this.store = store;
  }

  @Override
  public IncarnationWriter open(Collection<Incarnation> predecessors) throws IOException {
    return store.open(path, options, predecessors);
  }

  @Override
  public boolean has(Incarnation incarnation) {
    return MappedIncarnation.isIn(path, incarnation);
  }

  @Override
  public boolean wasRetired(Incarnation incarnation) {
    return RetiredWorkers.wasRetired(path, incarnation);
  }
}
