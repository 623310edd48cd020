package io.github.multiprom.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Snapshot;
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
      source.claim(this::map);
      assertEquals(Set.of(), source.claimed());
      assertEquals(List.of(NAME), names());
      source.claim(file -> true);
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
      source.claim(file -> true);
      assertEquals(1, source.claimed().size());
      assertEquals(1, names().size());
      assertNotEquals(List.of(claimed), names());
    }
  }
}
