package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.RecordMethods;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a worker with a directory has: its file, its families, its threads. Thread-safe.
 *
 * <p>Making one does not fail because of the directory: without a file its series wait for one.
 */
final class WorkerInDirectory {
  final Path directory;
  final SeriesPublisher publisher;
  final DirectoryBinding shown;
  final DirectoryFamilies families;
  final Sampler sampler;
  private final Path configured;
  // Null if the directory could be used.
  private final Throwable failure;
  private final Housekeeping housekeeping;
  // Null if there is none.
  private final WorkerEndpoint endpoint;
  private final WorkerExit exit;

  /**
   * Opens the worker's file.
   *
   * @param configured the directory, which may be relative
   * @param openedAt when the worker was opened, as {@link System#nanoTime}
   */
  WorkerInDirectory(
      Worker worker,
      Path configured,
      StoreOptions options,
      SeriesLimits limits,
      WorkerConfiguration configuration,
      long openedAt) {
    this.configured = configured;
    WorkerSettings settings = configuration.settings;
    IncarnationWriter incarnation = null;
    Throwable thrown = null;
    try {
      incarnation = OwnDirectory.openFirst(configured, options, configuration.directoryStore);
    } catch (IOException | RuntimeException | Error e) {
      // Whatever it is, the application matters more than its metrics.
      thrown = e;
    }
    failure = thrown;
    directory = RealPath.of(configured);
    publisher = new SeriesPublisher(worker, incarnation, limits);
    SeriesMover mover =
        new SeriesMover(
            worker, publisher, new OwnDirectory(directory, options, configuration.directoryStore));
    shown = DirectoryBinding.ofDirectory(directory, worker.workerLabel(), publisher);
    sampler = new Sampler(worker, publisher, directory, settings.samplePeriodSeconds());
    SpaceByRetiring space = new SpaceByRetiring(directory);
    housekeeping = new Housekeeping(directory, publisher, mover, sampler, space);
    endpoint =
        settings.portProperty() == null
            ? null
            : new WorkerEndpoint(directory, worker.workerLabel(), publisher, settings);
    families = new DirectoryFamilies(publisher, shown, sampler);
    exit = new WorkerExit(openedAt, publisher, mover, sampler, space);
  }

  /** Publishes what the worker says of itself, and notes on the log where it counts. */
  void publishSelfMetrics(String workerName) {
    publisher.publishSelfMetrics();
    if (failure != null) {
      publisher.noteError("directory_unusable");
      publisher.log().addError("unusable " + configured, OpeningLog.unusable(configured, failure));
    } else {
      OpeningLog.noteDirectory(workerName, directory, configured);
    }
  }

  /** Starts the threads. */
  void start(boolean hasHousekeeping) {
    exit.register();
    if (hasHousekeeping) {
      housekeeping.start();
    }
    if (endpoint != null) {
      endpoint.start();
    }
  }

  /** Does the chores that are due. */
  void tick() {
    housekeeping.tick();
  }

  /** Has the worker file renewed soon, by the housekeeper. Takes no lock. */
  void askForRenewal() {
    housekeeping.wake();
  }

  /** Ends the threads, notes an orderly exit and gives up the lease. */
  void close() {
    if (endpoint != null) {
      endpoint.close();
    }
    housekeeping.stop();
    sampler.close();
    exit.unregister();
    exit.moveAtClose();
    publisher.close();
    shown.release(publisher);
    RecordMethods.letGo();
  }
}
