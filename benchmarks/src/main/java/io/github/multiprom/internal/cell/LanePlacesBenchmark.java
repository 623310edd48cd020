package io.github.multiprom.internal.cell;

import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an increment costs a thread that has the place of its lane to itself, one whose id collides
 * with that of a live thread, and one that counts in the second worker of a JVM. One thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LanePlacesBenchmark {
  /** Where the thread's lane is. */
  @Param({"alone", "colliding", "secondWorker"})
  public String place;

  private final List<MappedIncarnation> workers = new ArrayList<>();
  private Path directory;
  private CounterCell counter;
  private Thread other;

  /** Opens the workers, and lets the other thread take its place first. */
  @Setup
  public void setUp() throws IOException, InterruptedException {
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "multiprom-benchmark")
            : Files.createTempDirectory("multiprom-benchmark");
    counter = openCounter();
    if (place.equals("secondWorker")) {
      earnALane();
      counter = openCounter();
    } else if (place.equals("colliding")) {
      Lanes lanes = workers.get(0).lanes();
      int wanted = lanes.firstPlace(Thread.currentThread());
      CountDownLatch counted = new CountDownLatch(1);
      do {
        other =
            new Thread(
                () -> {
                  earnALane();
                  counted.countDown();
                  while (!Thread.interrupted()) {
                    LockSupport.park();
                  }
                });
      } while (lanes.firstPlace(other) != wanted);
      other.start();
      counted.await();
    }
    earnALane();
  }

  private CounterCell openCounter() throws IOException {
    MappedIncarnation worker =
        MappedIncarnation.inDirectory(
            directory, new StoreOptions("w", StoreOptions.defaultMaxLanes()));
    workers.add(worker);
    FamilyDescriptor family =
        new FamilyDescriptor(
            "c", MetricType.COUNTER, "Help.", "", List.of(), GaugeFold.SUM, false, List.of());
    return worker.counter(worker.addSeries(worker.addFamily(family), List.of(), 1));
  }

  private void earnALane() {
    for (int i = 0; i <= Lanes.UPDATES_FOR_A_BLOCK; i++) {
      counter.add(1);
    }
  }

  /** Closes the workers and deletes their files. */
  @TearDown
  public void tearDown() throws IOException {
    if (other != null) {
      other.interrupt();
    }
    workers.forEach(MappedIncarnation::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Increments the counter. */
  @Benchmark
  public void inc() {
    counter.add(1);
  }
}
