package io.github.multiprom.exposition;

import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.nio.file.Path;

/** A program that serves its metrics, has nothing more to do, and so should end. */
final class BatchWithServer {
  private BatchWithServer() {}

  public static void main(String[] args) throws IOException {
    MetricsServer server =
        MetricsServer.start(new MultiprocessCollector(Path.of(args[0])), "127.0.0.1", 0);
    System.out.println(server.url());
  }
}
