package io.github.multiprom.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.model.DirectorySnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Root retires the workers of another user. */
class OwnersTest {
  private static final int NOBODY = 65534;

  @TempDir Path path;
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    assumeTrue(uid(path) == 0, "only root can give files away");
    directory = Files.createDirectory(path.resolve("metrics"));
  }

  private static int uid(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:uid");
  }

  private static void give(Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", NOBODY);
    Files.setAttribute(file, "unix:gid", NOBODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void totalsAndLockBelongToTheWorkersUser(boolean directoryIsRoots) throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      Fixtures.addCounter(worker, "c").add(1);
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        give(file);
      }
    }
    if (!directoryIsRoots) {
      give(directory);
    }
    try (DirectoryReader reader = new DirectoryReader(directory);
        RetiringPass pass = RetiringPass.begin(reader)) {
      DirectorySnapshot before = pass.snapshot();
      assertEquals(directoryIsRoots ? 0 : 1, before.workers().size());
      pass.commit(List.of(), before.workers().stream().map(dead -> dead.worker()).toList(), 1);
    }
    assertEquals(NOBODY, uid(directory.resolve(StoreFiles.RETAINED_NAME)));
    assertEquals(NOBODY, uid(directory.resolve(StoreFiles.LOCK_NAME)));
    assertEquals(
        NOBODY, Files.getAttribute(directory.resolve(StoreFiles.RETAINED_NAME), "unix:gid"));
  }

  @Test
  void rootKeepsWhatIsItsOwn() throws IOException {
    MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS).close();
    try (DirectoryReader reader = new DirectoryReader(directory);
        RetiringPass pass = RetiringPass.begin(reader)) {
      pass.commit(List.of(), List.of(), 1);
    }
    assertEquals(0, uid(directory.resolve(StoreFiles.RETAINED_NAME)));
  }
}
