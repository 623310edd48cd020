package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;

/**
 * A JVM for tests of users who share directories. Does what it is told by lines on standard input,
 * each a command and a directory, and answers each with a line.
 */
final class UserOfDirectory {
  private static final Map<Path, WorkerDirectory.Worker> WORKERS = new HashMap<>();

  private UserOfDirectory() {}

  /** Ends with the input. */
  public static void main(String[] arguments) {
    try (Scanner lines = new Scanner(System.in, "UTF-8")) {
      while (lines.hasNextLine()) {
        String[] words = lines.nextLine().split(" ", -1);
        System.out.println(answer(words[0], Path.of(words[1])));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static String answer(String command, Path path) {
    try {
      return switch (command) {
        case "count" -> count(path);
        case "end" -> end(path);
        case "show" -> show(path);
        case "retire" -> retire(path);
        case "drop" -> drop(path);
        case "clean" -> Integer.toString(new MetricsDirectory(path).clean(false));
        case "open" -> Integer.toString(openForWriting(path));
        default -> throw new IllegalArgumentException("unknown command");
      };
    } catch (IOException | RuntimeException e) {
      return e.toString();
    }
  }

  /** A new worker that counts 1. */
  private static String count(Path path) throws IOException {
    WorkerDirectory.Worker worker =
        new WorkerDirectory.Worker(
            MappedIncarnation.inDirectory(path, StoreUnderTest.options("w", 4)));
    worker.counter(WorkerDirectory.counter("c")).add(1);
    WORKERS.put(path, worker);
    return "counted";
  }

  private static String end(Path path) {
    WORKERS.remove(path).close();
    return "ended";
  }

  private static String show(Path path) {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      return directory
          .samples()
          .lines()
          .filter(line -> line.startsWith("c_total "))
          .findFirst()
          .map(line -> line.substring(line.indexOf(' ') + 1))
          .orElse("nothing");
    }
  }

  private static String retire(Path path) throws IOException {
    try (DirectoryReader reader = new DirectoryReader(path);
        Retirer retirer = new Retirer(reader)) {
      return Integer.toString(retirer.retire());
    }
  }

  private static String drop(Path path) throws IOException {
    try (DirectoryReader reader = new DirectoryReader(path)) {
      return Integer.toString(new Dropping(reader, "c", Map.of()).drop().series());
    }
  }

  /** Opens what it can of what others made, as somebody would to truncate or to lock it. */
  private static int openForWriting(Path path) throws IOException {
    int opened = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        try {
          FileChannel.open(file, StandardOpenOption.WRITE).close();
          opened++;
        } catch (AccessDeniedException e) {
          // As it should be.
        }
      }
    }
    return opened;
  }
}
