package io.github.multiprom.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With this process as the only one of the host, which maps files as client_python does. */
class PythonClaimsTest {
  private static final String NAME = "counter_gone.db";

  @TempDir Path directory;
  @TempDir Path proc;

  private final List<MappedByteBuffer> mapped = new ArrayList<>();

  @BeforeEach
  void makeProc() throws IOException {
    String pid = Long.toString(ProcessHandle.current().pid());
    Files.createSymbolicLink(proc.resolve(pid), Path.of("/proc", pid));
    Files.createDirectories(proc.resolve("self/ns"));
    Files.createSymbolicLink(proc.resolve("self/ns/pid"), Path.of("pid:[4026531836]"));
    PythonFiles.write(directory.resolve(NAME), PythonFiles.entry("a", "a", "\"x\": \"y\"", 7));
  }

  private ForeignSource source() {
    return new PythonSource(directory, true, new PythonProcesses(proc));
  }

  private boolean map(Path file) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return mapped.add(channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givesBackWhatAProcessHasOpenedMeanwhileAndKnowsItAfterwards() throws IOException {
    try (ForeignSource source = source()) {
      source.claim(this::map, Set.of());
      assertEquals(Set.of(), source.claimed());
      assertEquals(List.of(NAME), names());
      source.claim(file -> true, Set.of());
      assertEquals(Set.of(), source.claimed());
      assertEquals(List.of(NAME), names());
      assertEquals(List.of(true), source.read().workers().stream().map(Snapshot::live).toList());
    }
  }

  @Test
  void countsAFileOnceThatWasBeingGivenBackWhenAPassWasKilled() throws IOException {
    String claimed = NAME + "." + Incarnations.newId();
    Files.createLink(directory.resolve(claimed), directory.resolve(NAME));
    try (ForeignSource source = source()) {
      assertEquals(1, source.read().workers().size());
      source.claim(file -> true, Set.of());
      assertEquals(1, source.claimed().size());
      assertEquals(1, names().size());
      assertNotEquals(List.of(claimed), names());
    }
  }

  @Test
  void neverGivesBackWhatTheTotalsList() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    CrashPoint kill =
        step -> {
          if (step.equals("retained forced")) {
            throw new IllegalStateException("killed");
          }
        };
    try (DirectoryReader reader = new DirectoryReader(directory, source());
        RetiringPass pass = RetiringPass.begin(ownership, reader, kill)) {
      List<WorkerInfo> gone = pass.retirable().stream().map(Snapshot::worker).toList();
      assertEquals(1, gone.size());
      assertThrows(IllegalStateException.class, () -> pass.commit(List.of(), gone, 1));
    }
    assertEquals(1, pythonFiles().size());

    // From where the next pass runs Python processes cannot be seen.
    Files.delete(proc.resolve("self/ns/pid"));
    try (DirectoryReader reader = new DirectoryReader(directory, source());
        RetiringPass pass = RetiringPass.begin(ownership, reader, CrashPoint.NONE)) {
      assertEquals(List.of(), pass.snapshot().workers());
    }
    assertEquals(List.of(), pythonFiles());
  }

  private List<String> pythonFiles() throws IOException {
    return names().stream().filter(name -> name.startsWith(NAME)).toList();
  }
}
