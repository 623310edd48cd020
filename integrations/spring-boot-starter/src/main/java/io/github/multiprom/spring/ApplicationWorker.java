package io.github.multiprom.spring;

import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The worker of an application context: the JVM's default one, if metrics in static fields, say,
 * have opened it in this directory already; else one of its own, which is closed with the context.
 * Thread-safe.
 */
final class ApplicationWorker implements AutoCloseable {
  // Those of contexts: each has one, as each closes its own.
  private static final Set<Worker> OWN = Collections.newSetFromMap(new WeakHashMap<>());

  private final Worker worker;
  private final boolean isOwn;

  ApplicationWorker(MultipromProperties properties, Path directory) {
    synchronized (OWN) {
      Worker open = Worker.findDefault().orElse(null);
      isOwn = open == null || OWN.contains(open) || !isIn(open, directory);
      worker = isOwn ? properties.builder(directory).open() : open;
      if (isOwn) {
        OWN.add(worker);
      }
    }
  }

  private static boolean isIn(Worker worker, Path directory) {
    try {
      Path its = worker.directory().orElse(null);
      return its != null && its.equals(directory.toRealPath());
    } catch (IOException e) {
      // It does not exist yet.
      return false;
    }
  }

  Worker worker() {
    return worker;
  }

  @Override
  public void close() {
    if (isOwn) {
      worker.close();
    }
  }
}
