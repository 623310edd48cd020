package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;

/**
 * What a builder says about a worker and, where it says nothing (null), what system properties and
 * environment say. No locks: one thread.
 */
final class WorkerConfiguration {
  Path directory;
  String name;
  String workerLabel;
  Integer maxLanes;
  Integer maxSeries;
  Integer maxLabelValueBytes;
  Integer maxLabelBytes;
  StoreKind store;
  GaugeMode gaugeMode;
  String gaugeModes;
  boolean hasHousekeeping = true;
  WorkerSettings settings = WorkerSettings.ofProcess();

  /** What a worker with a directory counts in. */
  Worker.Store directoryStore =
      new Worker.Store() {
        @Override
        public IncarnationWriter open(
            Path directory, StoreOptions options, Collection<Incarnation> predecessors)
            throws IOException {
          return MappedIncarnation.inDirectory(directory, options, predecessors);
        }
      };

  StoreOptions options() {
    return new StoreOptions(
        name != null ? name : settings.name(),
        maxLanes != null ? maxLanes : settings.maxLanes(),
        maxSeries != null ? maxSeries : settings.maxSeries(),
        settings.laneBytes(),
        store != null ? store : settings.store());
  }

  /** The limits; that of series is known already. */
  SeriesLimits limits(int knownMaxSeries) {
    return new SeriesLimits(
        knownMaxSeries,
        maxLabelValueBytes != null ? maxLabelValueBytes : settings.maxLabelValueBytes(),
        maxLabelBytes != null ? maxLabelBytes : settings.maxLabelBytes());
  }

  GaugeModes gaugeModes() {
    GaugeModes configured = settings.gaugeModes();
    GaugeMode byDefault = gaugeMode != null ? gaugeMode : configured.byDefault();
    return gaugeModes != null
        ? GaugeModes.parse(gaugeModes, byDefault, part -> {})
        : configured.withDefault(byDefault);
  }

  /**
   * The directory; null for none.
   *
   * @throws java.nio.file.InvalidPathException if its name cannot be one
   */
  Path directory() {
    return directory != null ? directory : settings.directory();
  }

  String workerLabel() {
    return workerLabel != null ? workerLabel : settings.workerLabel();
  }
}
