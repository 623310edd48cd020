package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.worker.Children;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryIdentityProcessTest {
  private static final List<String> OTHER_CONTAINER =
      List.of("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");

  @TempDir Path path;

  /** Prints the identities of directories. */
  public static final class Printer {
    private Printer() {}

    public static void main(String[] directories) {
      for (String directory : directories) {
        System.out.println(DirectoryIdentity.of(Path.of(directory)).orElse("none"));
      }
    }
  }

  private static void assumeMountsArePermitted() throws InterruptedException {
    int exitCode;
    try {
      exitCode = new ProcessBuilder("unshare", "--mount", "true").start().waitFor();
    } catch (IOException e) {
      exitCode = -1;
    }
    assumeTrue(exitCode == 0, "mounts cannot be made here: this takes root and unshare(1)");
  }

  @Test
  void isThatOfTheDirectoryAndNotOfItsPath() throws IOException {
    Path one = Files.createDirectory(path.resolve("one"));
    Path two = Files.createDirectory(path.resolve("two"));
    Path link = Files.createSymbolicLink(path.resolve("link"), one);
    Optional<String> id = DirectoryIdentity.of(one);
    assertEquals(id, DirectoryIdentity.of(link));
    assertNotEquals(id, DirectoryIdentity.of(two));
    Files.delete(link);
    assertEquals(id, DirectoryIdentity.of(Files.move(one, link)));
    assertEquals(Optional.empty(), DirectoryIdentity.of(one));
  }

  @Test
  void isTheSameInAnotherContainerAtAnotherMount() throws Exception {
    assumeMountsArePermitted();
    Path here = Files.createDirectory(path.resolve("here"));
    Path there = Files.createDirectory(path.resolve("there"));
    List<String> command = new ArrayList<>(OTHER_CONTAINER);
    String mount = "mount --bind '" + here + "' '" + there + "' && exec \"$@\"";
    command.addAll(List.of("sh", "-c", mount, "sh"));
    try (Children children = new Children()) {
      Process process = children.start(command, Printer.class, there.toString(), path.toString());
      List<String> printed = process.inputReader().lines().toList();
      assertEquals(0, Children.await(process));
      assertEquals(
          List.of(
              DirectoryIdentity.of(here).orElseThrow(), DirectoryIdentity.of(path).orElseThrow()),
          printed);
    }
    assertNotEquals(DirectoryIdentity.of(here), DirectoryIdentity.of(there));
  }
}
