package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Retiring passes that are stopped after each of their steps. */
@Tag(StoreUnderTest.TAG)
class RetireCrashTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor H = histogram("h", List.of(1.0));
  private static final int BEFORE = 2;
  private static final int DEAD = 3;

  @TempDir Path path;

  /** The end of a pass's process. Its locks end with it. */
  private static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** What a pass finds to write its totals into. */
  enum Room {
    NO_SPARE,
    SPARE_THAT_FITS,
    SPARE_TOO_SMALL,
    FULL_DISK
  }

  @ParameterizedTest
  @EnumSource
  void changesNothingWhereverAPassStops(Room room) throws Exception {
    // A map is not made on a small disk, and totals have none.
    assumeTrue(room != Room.FULL_DISK || StoreUnderTest.KIND == StoreKind.MAPPED);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Set<String> steps = new TreeSet<>();
    String last = null;
    int step = 0;
    do {
      Path parent = Files.createDirectories(path.resolve("stopped-" + step));
      try (SmallDisk disk = room == Room.FULL_DISK ? new SmallDisk(parent, "1m") : null;
          WorkerDirectory directory =
              fill(disk == null ? parent.resolve("metrics") : disk.path, room)) {
        if (disk != null) {
          disk.fill();
        }
        String before = directory.exposition();
        boolean asBacklog = random.nextBoolean();
        last = stopAfter(step, directory.path, asBacklog);
        String where = "stopped after step " + step + ", " + last;
        assertShown(before, directory, where);
        // And the pass that is to clean up is stopped, too.
        String again = stopAfter(random.nextInt(20), directory.path, random.nextBoolean());
        assertShown(before, directory, where + "; then after " + again);

        directory.retire();
        assertShown(before, directory, where);
        assertEquals(BEFORE + DEAD, directory.value("multiprom_retired_workers_total"), where);
        assertEquals(0, directory.value("multiprom_workers", "dead"), where);
        List<String> files = files(directory.path);
        if (room == Room.FULL_DISK) {
          // Readers may have files open that were deleted, so that their space is not free yet.
          files.remove("multiprom.spare");
          files.add("multiprom.spare");
        }
        // The live worker's, and the retained totals, spare and lock of the directory.
        assertEquals(
            StoreUnderTest.workerFileCount() + 3, files.size(), () -> where + ": " + files);
      }
      steps.add(String.valueOf(last));
      step++;
    } while (last != null);
    assertTrue(steps.containsAll(List.of("spare written", "retained named")), steps::toString);
    assertTrue(steps.containsAll(List.of("lease deleted", "spare named")), steps::toString);
    assertTrue(step > 18, step + " steps");
  }

  private static WorkerDirectory fill(Path path, Room room) throws IOException {
    WorkerDirectory directory = new WorkerDirectory(path);
    for (int i = 1; i <= BEFORE + DEAD; i++) {
      Worker worker = directory.killableWorker("w" + i);
      worker.counter(C, "a").add(i * 0.1);
      worker.distribution(H).observe(i % 2, i * 0.1);
      for (int series = 0; room == Room.SPARE_TOO_SMALL && i > BEFORE && series < 200; series++) {
        worker.counter(C, "w" + i + " series " + series).add(series);
      }
      for (GaugeFold fold : List.of(GaugeFold.ALL, GaugeFold.SUM)) {
        worker.gauge(gauge("g_" + fold, fold)).set(i * 0.3);
      }
      if (i % 2 == 0) {
        worker.close();
      } else {
        worker.kill();
      }
      if (i == BEFORE) {
        directory.retire();
      }
    }
    if (room == Room.NO_SPARE) {
      Files.delete(path.resolve("multiprom.spare"));
    }
    directory.worker("live").counter(C, "a").add(0.01);
    // As workers leave it that are killed while they open their store.
    String orphan = "0123456789abcdef0123456789abcdef";
    Files.createFile(path.resolve(orphan + ".lease"));
    Files.createFile(path.resolve(orphan + ".worker.tmp"));
    Files.createFile(path.resolve(orphan + ".chronicle"));
    return directory;
  }

  /** Runs a pass up to a step, and returns that step's name; null if the pass has fewer. */
  private static String stopAfter(int step, Path path, boolean asBacklog) throws IOException {
    List<String> passed = new ArrayList<>();
    try (DirectoryReader reader =
            asBacklog ? Killable.backlogReader(path) : new DirectoryReader(path);
        RetiringPass pass =
            Killable.begin(
                reader,
                name -> {
                  passed.add(name);
                  if (passed.size() > step) {
                    throw new Stopped();
                  }
                })) {
      Retirer.retire(pass);
      return null;
    } catch (Stopped e) {
      return passed.get(step);
    }
  }

  /** To a collector that has read the directory before, and to one that has not. */
  private static void assertShown(String expected, WorkerDirectory directory, String where) {
    assertEquals(expected, directory.exposition(), where);
    try (WorkerDirectory fresh = new WorkerDirectory(directory.path)) {
      assertEquals(expected, fresh.exposition(), where);
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("filler.tmp"))
          .sorted()
          .collect(Collectors.toCollection(ArrayList::new));
    }
  }
}
