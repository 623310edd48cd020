package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.chronicle.ChronicleRequirements;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the workers of the tests keep their cells. The build runs the classes with {@link #TAG}
 * once more with the system property {@code multiprom.store}.
 */
public final class StoreUnderTest {
  /** Of test classes that hold for both stores. */
  public static final String TAG = "both-stores";

  /** Of those that take too long with a Chronicle Map for every build. */
  public static final String LONG_TAG = "both-stores-long";

  private static final String PROPERTY = "multiprom.store";

  /** The store of this run. */
  public static final StoreKind KIND =
      StoreKind.ofName(System.getProperty(PROPERTY, StoreKind.MAPPED.settingName()));

  private StoreUnderTest() {}

  /** Options of a worker. */
  public static StoreOptions options(String workerName, int maxLanes) {
    return options(workerName, maxLanes, StoreOptions.DEFAULT_MAX_SERIES);
  }

  /** Options of a worker with that store. */
  public static StoreOptions options(String workerName, int maxLanes, int maxSeries) {
    return new StoreOptions(workerName, maxLanes, maxSeries, KIND);
  }

  /** The file in which a worker's cells lie. */
  public static Path cellsFile(Path directory, Incarnation incarnation) {
    return KIND == StoreKind.CHRONICLE
        ? StoreFiles.map(directory, incarnation)
        : StoreFiles.worker(directory, incarnation);
  }

  /** How many files a live worker has. */
  public static int workerFileCount() {
    return KIND == StoreKind.CHRONICLE ? 3 : 2;
  }

  /** Whether this run is so much slower that it must do less. */
  public static boolean isSlow() {
    return KIND == StoreKind.CHRONICLE;
  }

  /** What a JVM of this run is started with. */
  static List<String> childOptions() {
    if (KIND == StoreKind.MAPPED) {
      return List.of();
    }
    List<String> options = new ArrayList<>(ChronicleRequirements.flags());
    options.add("-D" + PROPERTY + "=" + KIND.settingName());
    // Chronicle Map's own objects.
    options.add("-Xmx128m");
    return options;
  }

  /** How many of a directory's workers keep their cells in a map. */
  static long mapCount(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(StoreFiles.MAP_SUFFIX)).count();
    }
  }
}
