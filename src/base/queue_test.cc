#include "base/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace voyager::base {
namespace {

// Runs `body` elsewhere and tells whether it is still waiting a moment later; then `release` must let it go.
template <typename Body, typename Release>
bool waits_until(Body body, Release release) {
  std::atomic<bool> done = false;
  std::thread thread([&] {
    body();
    done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const bool waited = !done;
  release();
  thread.join();
  return waited;
}

TEST(BoundedQueue, KeepsOrderAndEndsWhenClosed) {
  const Stop stop;
  BoundedQueue<int> queue(10, 100);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(i, 1, stop));
  queue.close();
  EXPECT_FALSE(queue.push(9, 1, stop));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.pop(stop), i);
  EXPECT_EQ(queue.pop(stop), std::nullopt);
}

TEST(BoundedQueue, WaitsWhenFullOfItems) {
  const Stop stop;
  BoundedQueue<int> queue(2, 100);
  queue.push(1, 1, stop);
  queue.push(2, 1, stop);
  EXPECT_TRUE(waits_until([&] { EXPECT_TRUE(queue.push(3, 1, stop)); }, [&] { EXPECT_EQ(queue.pop(stop), 1); }));
  EXPECT_EQ(queue.pop(stop), 2);
  EXPECT_EQ(queue.pop(stop), 3);
}

TEST(BoundedQueue, WaitsWhenFullOfBytes) {
  const Stop stop;
  BoundedQueue<int> queue(100, 10);
  queue.push(1, 8, stop);
  EXPECT_TRUE(waits_until([&] { EXPECT_TRUE(queue.push(2, 3, stop)); }, [&] { EXPECT_EQ(queue.pop(stop), 1); }));
}

TEST(BoundedQueue, LetsOneHugeItemInWhenEmpty) {
  const Stop stop;
  BoundedQueue<int> queue(100, 10);
  EXPECT_TRUE(queue.push(1, 1'000'000, stop));
  EXPECT_TRUE(waits_until([&] { EXPECT_TRUE(queue.push(2, 1, stop)); }, [&] { EXPECT_EQ(queue.pop(stop), 1); }));
}

TEST(BoundedQueue, AStopWakesBothSides) {
  {
    Stop stop;
    BoundedQueue<int> queue(1, 10);
    queue.push(1, 1, stop);
    EXPECT_TRUE(waits_until([&] { EXPECT_FALSE(queue.push(2, 1, stop)); }, [&] { stop.request_drain(); }));
  }
  Stop stop;
  BoundedQueue<int> queue(1, 10);
  EXPECT_TRUE(waits_until([&] { EXPECT_EQ(queue.pop(stop), std::nullopt); }, [&] { stop.request_drain(); }));
}

TEST(BoundedQueue, LosesNothingBetweenThreads) {
  const Stop stop;
  BoundedQueue<int> queue(4, 16);
  std::atomic<long> sum = 0;
  std::vector<std::thread> consumers;
  for (int c = 0; c < 3; ++c) {
    consumers.emplace_back([&] {
      while (const auto item = queue.pop(stop)) sum += *item;
    });
  }
  std::vector<std::thread> producers;
  for (int p = 0; p < 3; ++p) {
    producers.emplace_back([&] {
      for (int i = 1; i <= 1000; ++i) EXPECT_TRUE(queue.push(i, 5, stop));
    });
  }
  for (std::thread& producer : producers) producer.join();
  queue.close();
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(sum, 3 * 500'500);
}

}  // namespace
}  // namespace voyager::base
