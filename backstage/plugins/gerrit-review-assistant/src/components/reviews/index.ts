// SPDX-License-Identifier: Apache-2.0
export { MyReviewsPage } from './MyReviewsPage';
