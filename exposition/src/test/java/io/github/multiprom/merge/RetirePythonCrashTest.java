package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.python.EndedProcesses;
import io.github.multiprom.python.GoldenFiles;
import io.github.multiprom.python.Samples;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pass over files of Python that is stopped after each of its steps, and one that goes on. */
class RetirePythonCrashTest {
  @TempDir Path path;

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Test
  void countsEverythingOnceWhereAPassStops() throws IOException {
    stopEach(5);
  }

  @Test
  @Tag("field")
  void countsEverythingOnceWhereverAPassStops() throws IOException {
    Set<String> steps = stopEach(1);
    assertTrue(
        steps.containsAll(List.of("files of others claimed", "spare written", "retained named")),
        steps::toString);
  }

  /** Stops passes after steps, so many of them apart, and returns the names of these steps. */
  private Set<String> stopEach(int stride) throws IOException {
    Set<String> steps = new HashSet<>();
    String last = null;
    int step = 0;
    do {
      Path directory = path.resolve("stopped-" + step);
      GoldenFiles.unpack("0.25.0", directory);
      try (Worker worker = Worker.builder().directory(directory).name("java").open();
          DirectoryReader before = reader(directory);
          MultiprocessCollector collector = collector(before)) {
        Counter.build("plain", "Help.").worker(worker).register(new CollectorRegistry()).inc(100);
        Map<String, Double> all = Samples.of(collector);
        assertEquals(123, all.get("plain_total{}"));
        assertEquals(110, all.get("g_all{k=v, pid=11}"));
        last = stopAfter(step, directory);
        String where = "stopped after step " + step + ", " + last;
        assertEquals(all, Samples.of(collector), where);
        assertFresh(all, directory, where);
        // And the pass that goes on is stopped, too.
        stopAfter((step * 7) % 11, directory);
        assertEquals(all, Samples.of(collector), where);
        assertEquals(null, stopAfter(Integer.MAX_VALUE, directory));
        assertEquals(all, Samples.of(collector), where);
        assertFresh(all, directory, where);
        assertEquals(List.of(), pythonFiles(directory), where);
      }
      steps.add(String.valueOf(last));
      step += stride;
    } while (last != null);
    return steps;
  }

  /** The same process id in files of two kinds of name: its files were being renamed. */
  @Test
  void goesOnWithFilesThatArePartlyClaimed() throws IOException {
    Path directory = path.resolve("metrics");
    GoldenFiles.unpack("0.25.0", directory);
    try (DirectoryReader reader = reader(directory);
        MultiprocessCollector collector = collector(reader)) {
      double counted = Samples.of(collector).get("plain_total{}");
      for (String file : List.of("counter_11.db", "gauge_sum_11.db")) {
        Path claimed = directory.resolve(file + ".0123456789abcdef0123456789abcdef");
        Files.move(directory.resolve(file), claimed);
        Map<String, Double> samples = Samples.of(collector);
        assertEquals(counted, samples.get("plain_total{}"));
        assertEquals(230, samples.get("g_sum{k=v}"));
      }
      assertEquals(null, stopAfter(Integer.MAX_VALUE, directory));
      Map<String, Double> samples = Samples.of(collector);
      assertEquals(counted, samples.get("plain_total{}"));
      assertEquals(230, samples.get("g_sum{k=v}"));
      assertEquals(110, samples.get("g_all{k=v, pid=11}"));
      assertEquals(List.of(), pythonFiles(directory));
    }
  }

  private DirectoryReader reader(Path directory) throws IOException {
    return new DirectoryReader(directory, EndedProcesses.source(directory, path.resolve("proc")));
  }

  /** One that retires nothing by itself. */
  private static MultiprocessCollector collector(DirectoryReader reader) {
    SnapshotReader onlyReading =
        new SnapshotReader() {
          @Override
          public DirectorySnapshot read() throws IOException {
            return reader.read();
          }

          @Override
          public void close() {
            reader.close();
          }
        };
    return new MultiprocessCollector(onlyReading, "pid");
  }

  private void assertFresh(Map<String, Double> expected, Path directory, String where)
      throws IOException {
    try (MultiprocessCollector fresh = collector(reader(directory))) {
      assertEquals(expected, Samples.of(fresh), where);
    }
  }

  /** Runs a pass up to a step, and returns that step's name; null if the pass has fewer. */
  private String stopAfter(int step, Path directory) throws IOException {
    List<String> passed = new ArrayList<>();
    try (DirectoryReader reader = reader(directory)) {
      RetiringPass begun = null;
      // The live worker may have the lock for a moment, to make a spare.
      while (begun == null) {
        begun =
            RetiringPass.begin(
                FileOwnership.of(directory),
                reader,
                name -> {
                  passed.add(name);
                  if (passed.size() > step) {
                    throw new Stopped();
                  }
                });
      }
      try (RetiringPass pass = begun) {
        Retirer.retire(pass);
      }
      return null;
    } catch (Stopped e) {
      return passed.get(step);
    }
  }

  private static List<String> pythonFiles(Path directory) {
    return List.of(directory.toFile().list((folder, name) -> name.contains(".db")));
  }
}
