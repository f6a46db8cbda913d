"""Mixtures and k-means computed from the parameters in a model file, by numpy alone."""

import h5py
import numpy as np


class Mixture:
    def __init__(self, file):
        with h5py.File(file) as model:
            parameters = model["parameters"]
            self.family = parameters.attrs["family"]
            self.weights = parameters["weights"][:]
            self.means = parameters["means"][:]
            self.covariances = parameters["covariances"][:]
            self.volume = parameters["volume"][:]
            self.shape = parameters["shape"][:]
            self.orientation = parameters["orientation"][:]

    def log_joint(self, records):
        """log w_k + log N(x_n; m_k, S_k)."""
        columns = []
        for k, mean in enumerate(self.means):
            covariance = self.covariances[k if len(self.covariances) > 1 else 0]
            root = np.linalg.cholesky(covariance)
            standard = np.linalg.solve(root, (records - mean).T)
            log_determinant = 2 * np.log(np.diag(root)).sum()
            quadratic = (standard**2).sum(axis=0)
            constant = len(mean) * np.log(2 * np.pi) + log_determinant
            columns.append(np.log(self.weights[k]) - 0.5 * (constant + quadratic))
        return np.array(columns).T

    def log_density(self, records):
        joint = self.log_joint(records)
        largest = joint.max(axis=1)
        return largest + np.log(np.exp(joint - largest[:, None]).sum(axis=1))

    def responsibilities(self, records):
        return np.exp(self.log_joint(records) - self.log_density(records)[:, None])

    def free_parameters(self):
        k, d = self.means.shape
        covariances = {
            "VVV": k * d * (d + 1) // 2,
            "EEE": d * (d + 1) // 2,
            "VVI": k * d,
            "VII": k,
            "EII": 1,
        }
        return (k - 1) + k * d + covariances[self.family]

    def criteria(self, records, record_weights=None):
        """log-likelihood, BIC, AIC, ICL, ICL by entropy, entropy."""
        w = np.ones(len(records)) if record_weights is None else record_weights
        log_likelihood = w @ self.log_density(records)
        r = self.responsibilities(records)
        entropy = -(w @ (r * np.log(np.maximum(r, 1e-300))).sum(axis=1))
        bic = -2 * log_likelihood + self.free_parameters() * np.log(w.sum())
        return {
            "log_likelihood": log_likelihood,
            "bic": bic,
            "aic": -2 * log_likelihood + 2 * self.free_parameters(),
            "icl": bic - 2 * (w @ np.log(r.max(axis=1))),
            "icl_entropy": bic + 2 * entropy,
            "entropy": entropy,
        }


def squared_distances(file, records):
    """To every centroid: N x K."""
    with h5py.File(file) as model:
        centroids = model["parameters/centroids"][:]
    return ((records[:, None, :] - centroids[None]) ** 2).sum(axis=2)
