// SPDX-License-Identifier: Apache-2.0
// Principal components and Ward's clusters against numbers of numpy 2 and scipy 1 (numpy.linalg.eigh of the covariance
// matrix, scipy.cluster.hierarchy.linkage(.., 'ward')), and against examples that can be done by hand.
#include "stats/cluster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace sgperf::stats {
namespace {

const Table seven{{2.0, 9.5, 1.0, 40}, {2.5, 9.0, 1.5, 38}, {8.0, 1.0, 7.5, 3}, {7.5, 1.5, 7.0, 5},
                  {5.0, 5.0, 0.5, 90}, {5.5, 4.0, 1.0, 85}, {2.2, 9.9, 0.7, 44}};

TEST(Principal, ComponentsAreThoseOfNumpy) {
  const Components found = principal_components(standardise(seven).rows);
  const double variances[] = {3.064980527033, 0.93267115336, 0.001974980623, 0.000373338985};
  const double first[] = {0.530717125092, -0.517614174939, 0.555106298756, -0.377189469788};
  const double last[] = {-0.285929968501, 0.195377149972, 0.794502802795, 0.498835763286};
  ASSERT_EQ(found.variances.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(found.variances[i], variances[i], 1e-11);
    EXPECT_NEAR(found.loadings[0][i], first[i], 1e-10);
    EXPECT_NEAR(found.loadings[3][i], last[i], 1e-10);
  }
  EXPECT_NEAR(found.total, 4, 1e-12) << "of a correlation matrix";
  EXPECT_NEAR(found.scores[0][0], -1.356905372234, 1e-10);
  EXPECT_NEAR(found.scores[4][1], 1.360064654946, 1e-10);
  EXPECT_NEAR(found.scores[6][3], -0.01965088611, 1e-10);
  EXPECT_EQ(components_for(found, 0.7), 1u);
  EXPECT_EQ(components_for(found, 0.9), 2u);
  EXPECT_EQ(components_for(found, 0.9995), 3u);
  EXPECT_EQ(components_for(found, 1), 4u);
}

TEST(Principal, ByHand) {
  // Two columns that are the same: one component, (1 1) / sqrt 2, with all the variance.
  const Standardised table = standardise({{1, 5, 10}, {2, 5, 20}, {3, 5, 30}});
  EXPECT_EQ(table.kept, (std::vector<size_t>{0, 2})) << "the constant column tells nothing";
  EXPECT_DOUBLE_EQ(table.rows[0][0], -1);
  EXPECT_DOUBLE_EQ(table.rows[2][1], 1);
  const Components found = principal_components(table.rows);
  EXPECT_NEAR(found.variances[0], 2, 1e-14);
  EXPECT_NEAR(found.variances[1], 0, 1e-14);
  EXPECT_NEAR(found.loadings[0][0], std::sqrt(0.5), 1e-14);
  EXPECT_NEAR(found.loadings[0][1], std::sqrt(0.5), 1e-14);
  EXPECT_NEAR(found.scores[2][0], std::sqrt(2), 1e-14);
  EXPECT_EQ(components_for(found, 0.9), 1u);
}

TEST(Principal, NothingAndNoVariance) {
  EXPECT_TRUE(principal_components({}).variances.empty());
  const Standardised same = standardise({{3, 3}, {3, 3}});
  EXPECT_TRUE(same.kept.empty());
  const Components found = principal_components(same.rows);
  EXPECT_EQ(components_for(found, 0.9), 0u);
  EXPECT_DOUBLE_EQ(found.share(0), 1);
  EXPECT_TRUE(standardise({{1, 2}}).kept.empty()) << "of one row nothing varies";
  // A mean that is far from 0 must not make rounding look like variance.
  EXPECT_TRUE(standardise({{1e9 + 1e-7}, {1e9}, {1e9}}).kept.empty());
}

TEST(Principal, DistancesStayTheSame) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Table rows(9, std::vector<double>(14)); // more columns than rows, as mixes of few workloads have
  for (auto &row : rows)
    for (double &value : row) value = normal(random);
  const Table centred = standardise(rows).rows;
  const Components found = principal_components(centred);
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      EXPECT_NEAR(squared_distance(found.scores[i], found.scores[j]), squared_distance(centred[i], centred[j]), 1e-9);
  for (size_t i = 8; i < 14; ++i) EXPECT_NEAR(found.variances[i], 0, 1e-12) << "nine rows span eight dimensions";
}

TEST(Cluster, TreeIsThatOfScipy) {
  const Table scores = first_columns(principal_components(standardise(seven).rows).scores, 2);
  const auto tree = ward(scores);
  const struct {
    size_t a, b;
    double height;
    size_t size;
  } expected[] = {{0, 6, 0.147839188562, 2}, {2, 3, 0.289766730822, 2},  {4, 5, 0.388859041276, 2},
                  {1, 7, 0.393396620659, 3}, {9, 10, 3.477861141372, 5}, {8, 11, 5.955208527579, 7}};
  // scipy numbers the fifth step's parts 9 and 10: {4 5} and {1 0 6}.
  ASSERT_EQ(tree.size(), std::size(expected));
  for (size_t i = 0; i < tree.size(); ++i) {
    EXPECT_EQ(tree[i].a, expected[i].a) << i;
    EXPECT_EQ(tree[i].b, expected[i].b) << i;
    EXPECT_EQ(tree[i].size, expected[i].size) << i;
    EXPECT_NEAR(tree[i].height, expected[i].height, 1e-10) << i;
  }
  const auto three = cut(tree, 7, 3), two = cut(tree, 7, 2);
  EXPECT_EQ(three, (std::vector<size_t>{0, 0, 1, 1, 2, 2, 0}));
  EXPECT_EQ(two, (std::vector<size_t>{0, 0, 1, 1, 0, 0, 0}));
  EXPECT_EQ(medoids(scores, three), (std::vector<size_t>{0, 2, 4}));
  EXPECT_EQ(medoids(scores, two), (std::vector<size_t>{1, 2}));
  EXPECT_NEAR(kept_variance(scores, three), 0.9914159304841969, 1e-12);
  EXPECT_NEAR(kept_variance(scores, three, medoids(scores, three)), 0.9857834330626445, 1e-12);
  EXPECT_NEAR(kept_variance(scores, two), 0.7392779445346617, 1e-12);
  EXPECT_NEAR(kept_variance(scores, two, medoids(scores, two)), 0.5867817576350873, 1e-12);
}

TEST(Cluster, ByHand) {
  // On a line: {0, 2} joins at 2; with 8, Ward adds (8 - 1)^2 x 2/3, of which the height is sqrt(2 x that).
  const Table line{{0}, {2}, {8}};
  const auto tree = ward(line);
  ASSERT_EQ(tree.size(), 2u);
  EXPECT_DOUBLE_EQ(tree[0].height, 2);
  EXPECT_NEAR(tree[1].height, std::sqrt(2 * 49 * 2.0 / 3), 1e-12);
  EXPECT_EQ(cut(tree, 3, 2), (std::vector<size_t>{0, 0, 1}));
  // Squares about the mean 10/3: 104/3; within {0, 2}: 2.
  EXPECT_NEAR(kept_variance(line, {0, 0, 1}), 1 - 2 / (104.0 / 3), 1e-12);
  EXPECT_NEAR(kept_variance(line, {0, 0, 1}, {0, 2}), 1 - 4 / (104.0 / 3), 1e-12);
}

TEST(Cluster, Edges) {
  const Table line{{0}, {2}, {8}};
  const auto tree = ward(line);
  EXPECT_EQ(cut(tree, 3, 1), (std::vector<size_t>{0, 0, 0}));
  EXPECT_EQ(cut(tree, 3, 3), (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(cut(tree, 3, 99), (std::vector<size_t>{0, 1, 2}));
  EXPECT_DOUBLE_EQ(kept_variance(line, {0, 1, 2}), 1);
  EXPECT_DOUBLE_EQ(kept_variance(line, {0, 0, 0}), 0);
  EXPECT_TRUE(ward({}).empty());
  EXPECT_TRUE(ward({{1}}).empty());
  EXPECT_EQ(cut({}, 1, 1), (std::vector<size_t>{0}));
  EXPECT_DOUBLE_EQ(kept_variance({{4}, {4}}, {0, 0}), 1) << "there is nothing to keep";
}

// Rows that are the same are joined first and at height 0, in the order of their numbers.
TEST(Cluster, TiesAreBrokenByNumber) {
  const auto tree = ward({{5}, {5}, {1}, {5}});
  EXPECT_EQ(tree[0].a, 0u);
  EXPECT_EQ(tree[0].b, 1u);
  EXPECT_DOUBLE_EQ(tree[1].height, 0);
  EXPECT_EQ(cut(tree, 4, 2), (std::vector<size_t>{0, 0, 1, 0}));
}

} // namespace
} // namespace sgperf::stats
