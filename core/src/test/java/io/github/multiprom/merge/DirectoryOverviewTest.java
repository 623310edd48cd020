package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.SkippedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryOverviewTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @Test
  void saysWhatTheMergeSays(@TempDir Path path) throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      WorkerDirectory.Worker retired = directory.worker("retired");
      retired.counter(C, "x").add(1);
      retired.close();
      directory.retire();
      WorkerDirectory.Worker one = directory.worker("one");
      WorkerDirectory.Worker two = directory.worker("two");
      WorkerDirectory.Worker three = directory.worker("three");
      one.counter(C, "a").add(1);
      one.counter(C, "b").add(1);
      two.counter(counter("c", "l", "m"), "a", "z").add(1);
      one.gauge(gauge("g", GaugeFold.SUM)).set(1);
      two.gauge(liveGauge("g", GaugeFold.SUM)).set(1);
      one.counter(counter("t")).add(1);
      two.counter(counter("t")).add(1);
      three.gauge(gauge("t", GaugeFold.SUM)).set(1);
      three.close();
      Files.createFile(path.resolve("foreign.txt"));

      DirectoryOverview overview = directory.collector.overview();
      Map<String, FamilyStatus> families =
          overview.families().stream()
              .collect(Collectors.toMap(family -> family.descriptor().name(), family -> family));
      assertEquals(4, families.get("c").seriesCount());
      assertEquals(2, families.get("c").workerCount());
      assertEquals(List.of("labels"), families.get("c").conflicts());
      assertEquals(List.of("mode"), families.get("g").conflicts());
      assertEquals(List.of("type"), families.get("t").conflicts());
      assertEquals(2, families.get("t").workerCount());
      for (String kind : List.of("labels", "mode", "type", "help")) {
        long of =
            families.values().stream().filter(family -> family.conflicts().contains(kind)).count();
        assertEquals(of, (long) directory.value("multiprom_conflicts", kind));
      }
      assertEquals(overview.seriesCount(), (long) directory.value("multiprom_series"));
      assertEquals(overview.bytes(), (long) directory.value("multiprom_store_bytes"));
      assertEquals(
          overview.bytes() - overview.totals().bytes(),
          overview.workers().stream().mapToLong(WorkerStatus::bytes).sum());
      assertEquals(overview.workerCount(true), (long) directory.value("multiprom_workers", "live"));
      assertEquals(1, overview.workerCount(false));
      assertEquals(1, overview.totals().workers());
      assertEquals(Map.of("foreign", 1), overview.skipped());
      assertEquals(
          List.of(new SkippedFile("foreign.txt", "foreign", "not a file of Multiprom")),
          overview.skippedFiles());
      assertEquals(1, overview.sum("multiprom_retired_workers"));
      assertEquals(0, overview.sum("multiprom_store_errors"));
    }
  }

  @Test
  void isEmptyWithoutADirectoryAndWhenClosed(@TempDir Path path) {
    try (WorkerDirectory directory = new WorkerDirectory(path.resolve("none"))) {
      assertEquals(0, directory.collector.overview().workers().size());
      directory.collector.close();
      assertTrue(directory.collector.overview().families().isEmpty());
      assertTrue(directory.collector.workers().isEmpty());
    }
  }
}
