package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.Dropping.Result;
import io.github.multiprom.model.FamilyDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DroppingTest {
  private static final FamilyDescriptor USERS = WorkerDirectory.counter("users", "user", "code");
  private static final FamilyDescriptor JOBS = WorkerDirectory.counter("jobs");

  @TempDir Path path;

  private Result drop(String name, Map<String, String> labels) throws IOException {
    try (DirectoryReader reader = new DirectoryReader(path)) {
      return new Dropping(reader, name, labels).drop();
    }
  }

  private static void count(WorkerDirectory.Worker worker) throws IOException {
    worker.counter(JOBS).add(7);
    worker.counter(USERS, "a", "200").add(1);
    worker.counter(USERS, "a", "500").add(2);
    worker.counter(USERS, "b", "200").add(4);
    worker.counter(USERS, "b", "").add(8);
  }

  @Test
  void removesSeriesWhoseLabelsContainThoseThatAreNamed() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      try (WorkerDirectory.Worker worker = directory.worker("w")) {
        count(worker);
      }
      directory.retire();
      assertEquals(new Result(2, Set.of()), drop("users", Map.of("user", "a")));
      assertThrows(AssertionError.class, () -> directory.value("users_total", "a", "200"));
      assertEquals(4, directory.value("users_total", "b", "200"));
      assertEquals(new Result(0, Set.of()), drop("users", Map.of("user", "a")));
      assertEquals(new Result(0, Set.of()), drop("users", Map.of("other", "x")));
      // A label that is not there.
      assertEquals(new Result(1, Set.of()), drop("users_total", Map.of("code", "")));
      assertEquals(new Result(1, Set.of()), drop("users", Map.of()));
      assertEquals(7, directory.value("jobs_total"));
      assertEquals(1, directory.value("multiprom_retired_workers_total"));
    }
  }

  @Test
  void namesTheWorkersThatBringTheSeriesBack() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      try (WorkerDirectory.Worker dead = directory.worker("dead")) {
        count(dead);
      }
      directory.retire();
      try (WorkerDirectory.Worker live = directory.worker("live")) {
        live.counter(USERS, "a", "200").add(16);
        assertEquals(new Result(2, Set.of("live")), drop("users", Map.of("code", "200")));
        assertEquals(16, directory.value("users_total", "a", "200"));
        assertEquals(new Result(2, Set.of("live")), drop("users", Map.of()));
      }
      directory.retire();
      assertEquals(16, directory.value("users_total", "a", "200"));
      assertThrows(AssertionError.class, () -> directory.value("users_total", "b", "200"));
    }
  }

  @Test
  void hasNothingToDoWithoutTotals() throws IOException {
    assertEquals(new Result(0, Set.of()), drop("users", Map.of()));
  }
}
