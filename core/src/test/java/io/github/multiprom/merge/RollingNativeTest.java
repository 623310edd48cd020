package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.NativeViews.View;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.NativeShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers of classic and of native histograms beside one another, as in a rolling deploy. */
@Tag(StoreUnderTest.TAG)
class RollingNativeTest {
  private static final int WORKERS = 50;
  private static final FamilyDescriptor CLASSIC =
      WorkerDirectory.histogram("h", List.of(0.1, 0.8), "l");
  private static final FamilyDescriptor BOTH = CLASSIC.withNativeShape(new NativeShape(3, 160));
  private static final FamilyDescriptor NATIVE =
      WorkerDirectory.histogram("h", List.of(), "l").withNativeShape(new NativeShape(5, 160));

  @TempDir Path path;

  private WorkerDirectory directory;
  private Map<String, Double> last = Map.of();
  private View lastView;
  private double observed;

  private WorkerDirectory.Worker worker(FamilyDescriptor family) throws Exception {
    WorkerDirectory.Worker worker = directory.killableWorker("w");
    observe(worker, family);
    return worker;
  }

  private void observe(WorkerDirectory.Worker worker, FamilyDescriptor family) throws Exception {
    double[] values = {0.03, 0.1, 0.4, 7};
    for (double value : values) {
      int bucket = 0;
      while (bucket < family.upperBounds().size() && value > family.upperBounds().get(bucket)) {
        bucket++;
      }
      worker.distribution(family, "x").observe(bucket, value);
      observed++;
    }
  }

  /** Nothing vanishes, falls or is lost, and both views have one count. */
  private View check(String when) {
    Map<String, Double> now = new LinkedHashMap<>();
    for (String line : directory.samples().lines().toList()) {
      int space = line.lastIndexOf(' ');
      now.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
    }
    last.forEach(
        (sample, value) -> {
          assertTrue(now.containsKey(sample), when + ": " + sample + " is gone");
          assertTrue(now.get(sample) >= value, when + ": " + sample + " fell");
        });
    assertEquals(observed, now.get("h_count{l=\"x\",}"), when);
    View view = NativeViews.of(directory.collector).get("h[x]");
    if (view.buckets() != null) {
      assertEquals(observed, view.nativeCount(), when);
    }
    if (view.buckets() != null && lastView != null && lastView.buckets() != null) {
      int schema = view.buckets().schema();
      assertTrue(schema <= lastView.buckets().schema(), when);
      Map<Integer, Long> buckets = NativeViews.positive(view.buckets(), schema);
      NativeViews.positive(lastView.buckets(), schema)
          .forEach((index, count) -> assertTrue(buckets.get(index) >= count, when + ": " + index));
    }
    last = now;
    lastView = view;
    return view;
  }

  @Test
  void losesNothingWhenACanaryComesAndGoes() throws Exception {
    try (WorkerDirectory opened = new WorkerDirectory(path)) {
      directory = opened;
      List<WorkerDirectory.Worker> workers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(worker(CLASSIC));
      }
      assertNull(check("classic").buckets());
      WorkerDirectory.Worker canary = worker(BOTH);
      assertNull(check("canary").buckets());
      WorkerDirectory.Worker other = worker(NATIVE);
      assertNull(check("native only").buckets());
      canary.kill();
      other.kill();
      workers.get(0).kill();
      assertNull(check("one of each killed").buckets());
      directory.retire();
      assertNull(check("one of each retired").buckets());
      observe(workers.get(1), CLASSIC);
      check("rolled back");
    }
  }

  @Test
  void losesNothingOnTheWayToNativeHistogramsAndBack() throws Exception {
    try (WorkerDirectory opened = new WorkerDirectory(path)) {
      directory = opened;
      List<WorkerDirectory.Worker> old = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        old.add(worker(CLASSIC));
      }
      check("classic");
      List<WorkerDirectory.Worker> next = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        next.add(worker(BOTH));
        check("new " + i);
        old.get(i).kill();
        check("killed " + i);
        directory.retire();
        check("retired " + i);
      }
      assertNotNull(lastView.buckets());
      WorkerDirectory.Worker finer = worker(NATIVE);
      check("a finer one");
      finer.kill();
      directory.retire();
      check("a finer one retired");
      for (int i = 0; i < 5; i++) {
        next.get(i).kill();
        directory.retire();
        check("native ones retired " + i);
      }
      for (int i = 0; i < 3; i++) {
        worker(CLASSIC);
        check("back " + i);
      }
      assertNull(lastView.buckets());
    }
  }

  /** A schema that rises is a reset to Prometheus, of series that the canary never had, too. */
  @Test
  void showsTheSchemaThatMostWorkersHave() throws Exception {
    try (WorkerDirectory opened = new WorkerDirectory(path)) {
      directory = opened;
      worker(CLASSIC);
      for (int i = 0; i < 3; i++) {
        worker(BOTH);
      }
      assertEquals(3, check("before").buckets().schema());
      for (int schema : new int[] {0, 5}) {
        WorkerDirectory.Worker canary = directory.killableWorker("w");
        FamilyDescriptor other = CLASSIC.withNativeShape(new NativeShape(schema, 20));
        canary.distribution(other, "y").observe(0, 0.03);
        assertEquals(3, check("canary").buckets().schema());
        canary.kill();
        assertEquals(3, check("killed").buckets().schema());
      }
    }
  }
}
