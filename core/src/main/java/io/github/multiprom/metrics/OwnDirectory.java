package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.RetiredWorkers;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

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

  /** Opens the first incarnation of a worker; makes the directory if need be, or space in it. */
  static IncarnationWriter openFirst(Path path, StoreOptions options, Worker.Store store)
      throws IOException {
    IncarnationWriter opened;
    try {
      opened = store.open(path, options, List.of());
    } catch (IOException e) {
      if (!Files.isDirectory(path) || !new SpaceByRetiring(path).make()) {
        throw e;
      }
      opened = store.open(path, options, List.of());
    }
    RetiringPass.prepare(path);
    return opened;
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
