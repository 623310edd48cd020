package io.github.multiprom.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Clients that send requests at the same time. Thread-safe. */
final class Load {
  private final List<LoadClient> clients = new ArrayList<>();

  private Load() {}

  /** Starts clients, which send at once. */
  static Load start(String host, int port, int clientCount) {
    var load = new Load();
    for (int i = 1; i <= clientCount; i++) {
      load.clients.add(new LoadClient(host, port, i));
    }
    load.clients.forEach(LoadClient::start);
    return load;
  }

  /**
   * Lets every client leave a worker. On return it has no request to answer, and gets none until
   * {@link #connectAgain}.
   */
  void leave(long worker) {
    clients.forEach(client -> client.leave(worker));
  }

  void connectAgain() {
    clients.forEach(LoadClient::connectAgain);
  }

  /** Answers so far, by the pid of the worker. */
  SortedMap<Long, Long> answeredByWorker() {
    var sums = new TreeMap<Long, Long>();
    for (LoadClient client : clients) {
      client.answeredByWorker().forEach((pid, count) -> sums.merge(pid, count.get(), Long::sum));
    }
    return sums;
  }

  long answered() {
    return answeredByWorker().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Requests that failed: a worker may have counted them or not. */
  long unanswered() {
    return clients.stream().mapToLong(LoadClient::unanswered).sum();
  }

  /** Waits for the last answer of every client. */
  void stop() throws InterruptedException {
    for (LoadClient client : clients) {
      client.stop();
    }
  }
}
