package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector that runs out of file descriptors. */
class FewDescriptorsProcessTest {
  @TempDir Path directory;

  @Test
  void getsRightSumsOrNoAnswerAndNeverTakesALiveWorkerForDead() throws Exception {
    // A reader may have two files open for each live worker: the last one may be a worker file.
    try (Children children = new Children();
        MappedIncarnation one = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
        MappedIncarnation two = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      // Loads the classes that tell of a failure as long as they can be.
      Files.createFile(directory.resolve("foreign"));
      Fixtures.addCounter(one, "c").add(1);
      Fixtures.addCounter(two, "c").add(1);
      Process collector =
          children.start(List.of("prlimit", "--nofile=256"), Main.class, directory.toString());
      assertEquals("read and failed, never dead", collector.inputReader().readLine());
      assertEquals(0, Children.await(collector));
    }
  }

  /** The collector. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      // Whatever it needs for its first read, classes above all; and those that it may need later.
      new DirectoryReader(directory).read();
      Class<?> cells = Class.forName("io.github.multiprom.internal.file.CellReader");
      if (cells.getDeclaredClasses().length == 0) {
        throw new AssertionError(cells);
      }
      Deque<FileInputStream> taken = new ArrayDeque<>();
      boolean failed = false;
      boolean read = false;
      for (int free = 0; free < 12; free++) {
        takeAll(taken);
        for (int i = 0; i < free; i++) {
          taken.pop().close();
        }
        try (DirectoryReader reader = new DirectoryReader(directory)) {
          DirectorySnapshot snapshot = reader.read();
          read = true;
          if (snapshot.workers().size() < 2 || !snapshot.skipped().equals(Map.of("foreign", 1))) {
            System.out.println(snapshot.workers().size() + " workers, " + snapshot.skipped());
            return;
          }
          if (snapshot.workers().stream().anyMatch(worker -> !worker.live())) {
            System.out.println("dead with " + free + " free descriptors");
            return;
          }
        } catch (ExhaustedException e) {
          failed = true;
        }
      }
      System.out.println(
          (read ? "read" : "never read") + (failed ? " and failed" : "") + ", never dead");
    }

    private static void takeAll(Deque<FileInputStream> taken) {
      try {
        while (true) {
          taken.push(new FileInputStream("/dev/null"));
        }
      } catch (IOException e) {
        // None is left.
      }
    }
  }
}
